"""Hooks of controls and listeners to a run's events."""

import inspect

from _chaos_bridge.faults import Cancelled, told
from _chaos_bridge.live import LIVE, Scene

LEVELS = ("loading_experiment", "experiment", "hypothesis", "method", "rollback", "activity")
HOOKS = ["configure_control", "cleanup_control", "validate_control"] + [
    when + "_" + level + "_control" for level in LEVELS for when in ("before", "after")
]
# made when the first control asks for it
registry = None


def hook(module, request):
    """One hook, with those of the run's objects that its signature names."""
    function = getattr(module, request["hook"], None)
    scene = Scene(request)
    offers = dict(scene.offers(), state=lambda: scene.state, extensions=scene.extensions)
    return played(scene, function, request["arguments"], offers, {"context": scene.context})


def configure(module, request):
    """A control's `configure_control`, which gets no context but may name the event registry."""
    function = getattr(module, "configure_control", None)
    scene = Scene(request)
    # the registry is made only for a control that names it
    offers = dict(scene.offers(), event_registry=event_registry)
    end = played(scene, function, request["arguments"], offers, {})
    end["listeners"] = len(getattr(registry, "handlers", ()))
    return end


def cleanup(module, request):
    function = getattr(module, "cleanup_control", None)
    if function:
        function()


def validate(module, request):
    function = getattr(module, "validate_control", None)
    if function:
        function(request["control"])


def event(request):
    """One event of the run, to all that listen."""
    scene = Scene(request)
    fault = None
    try:
        getattr(registry, request["name"])(*[argument(item) for item in request["arguments"]])
    except Cancelled:
        raise
    except BaseException as error:
        fault = told(error)
    return {"changes": scene.changes(), "fault": fault}


def event_registry():
    global registry
    if registry is None:
        from chaoslib.run import EventHandlerRegistry

        registry = EventHandlerRegistry()
    return registry


def played(scene, function, arguments, offers, given):
    """Calls the function and tells what it changed, even when it raised: it changed the run's own objects."""
    fault = None
    try:
        if function:
            parameters = inspect.signature(function).parameters
            for name, offer in offers.items():
                if name in parameters:
                    arguments[name] = offer()
            function(**given, **arguments)
    except Cancelled:
        raise
    except BaseException as error:
        fault = told(error)
    return {"changes": scene.changes(), "fault": fault}


def argument(item):
    if "live" in item:
        return LIVE.at(item["live"])
    if "schedule" in item:
        from chaoslib.types import Schedule

        return Schedule(**item["schedule"])
    return item["value"]
