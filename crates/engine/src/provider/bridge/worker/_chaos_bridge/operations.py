"""What can be asked of the worker: one function for each `op`, from the request to the value of its answer."""

import importlib
import inspect

from _chaos_bridge import controls
from _chaos_bridge.faults import Cancelled, Refusal, told
from _chaos_bridge.live import written
from _chaos_bridge.wire import tagged


def answer(request):
    try:
        return {"ok": OPERATIONS[request["op"]](request)}
    except Cancelled:
        raise
    except Refusal as refusal:
        return {"error": refusal.document}
    except BaseException as error:
        return {"error": told(error)}


def load(name):
    """The module; a Refusal when it is not to be had, except that SystemExit passes."""
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Refusal("missing", error) from None
    except Exception as error:
        raise Refusal("import", error) from None


def signature(function):
    try:
        return inspect.signature(function)
    except (TypeError, ValueError) as error:
        raise Refusal("signature", error) from None


def call(request):
    """A function as an activity calls it. Tells its arguments too if it changed them: they are the activity's own."""
    function = getattr(load(request["module"]), request["function"], None)
    if function is None:
        raise Refusal("function")
    parameters = signature(function).parameters
    declared = request["arguments"]
    before = written(declared)
    extra = {n: request[n] for n in ("configuration", "secrets") if n in request and n in parameters}
    end = {"result": tagged(function(**{**declared, **extra}))}
    if written(declared) != before:
        end["arguments"] = tagged(declared)
    return end


def describe_function(request):
    """The parameters of a function that an activity may name: plain or builtin, not a class."""
    module = load(request["module"])
    name = request["function"]
    function = getattr(module, name, None) if name in dir(module) else None
    if not (inspect.isfunction(function) or inspect.isbuiltin(function)):
        raise Refusal("function")
    return {
        "doc": inspect.getdoc(function),
        "parameters": [described(item) for item in signature(function).parameters.values()],
    }


def described(parameter):
    return {
        "name": parameter.name,
        "kind": parameter.kind.name,
        "optional": parameter.default is not inspect.Parameter.empty,
        "annotation": annotation_name(parameter.annotation),
    }


def annotation_name(annotation):
    if annotation is inspect.Parameter.empty:
        return None
    return annotation.__name__ if isinstance(annotation, type) else str(annotation)


def describe_control(request):
    """The names of the hooks that a control's module defines."""
    module = load(request["module"])
    return [name for name in controls.HOOKS if getattr(module, name, None)]


def notify(request):
    """A plugin channel: `function(channel, event)`."""
    module = load(request["module"])
    function = getattr(module, request["function"], None)
    if not inspect.isfunction(function):
        raise Refusal("function")
    function(request["channel"], request["event"])


def discover(request):
    """The library's discovery document of an installed extension."""
    from chaoslib.discovery.discover import discover as discovered

    document = discovered(
        package_name=request["package"],
        discover_system=request["system"],
        download_and_install=request["install"],
    )
    return tagged(document)


def with_module(operation):
    """The operation given the control's module as well."""
    return lambda request: operation(load(request["module"]), request)


OPERATIONS = {
    "call": call,
    "describe_function": describe_function,
    "describe_control": describe_control,
    "hook": with_module(controls.hook),
    "configure": with_module(controls.configure),
    "cleanup": with_module(controls.cleanup),
    "validate": with_module(controls.validate),
    "event": controls.event,
    "notify": notify,
    "discover": discover,
}
