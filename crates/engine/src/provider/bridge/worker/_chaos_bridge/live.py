"""The objects of the run that hooks share: experiment, configuration, secrets, settings, journal.

Each lives here as long as the worker. What the other side sends is worked into the object that is there, so
that a control which kept a reference goes on seeing the run.
"""

import json
import logging
import sys
from functools import partial

from _chaos_bridge.wire import tagged, untagged


class Live:
    def __init__(self):
        self.objects = {}
        # each object as the other side knows it
        self.known = {}

    def absorb(self, objects):
        for name, new in objects.items():
            text = written(new)
            live = reconciled(self.objects.get(name), new)
            if written(live) != text:
                # a hook had put one object at two places, which now differ
                live = json.loads(text, object_hook=untagged)
            self.objects[name], self.known[name] = live, text
            tell_library(name, live)

    def at(self, path):
        """The object at the end of a path, which starts with a name."""
        value = self.objects[path[0]]
        for step in path[1:]:
            value = value[step]
        return value

    def changes(self, names):
        """Those that differ from what the other side knows, which knows them from now on."""
        changed = {}
        for name in names:
            now = tagged(self.objects.get(name))
            text = json.dumps(now)
            if text != self.known.get(name, "null"):
                self.known[name] = text
                changed[name] = now
        return changed


LIVE = Live()


class Scene:
    """One request's view of them, with its own context and state."""

    def __init__(self, request):
        LIVE.absorb(request["live"])
        # the ones that this request has; the others are None for it
        self.names = request["names"]
        self.context_is_own = "live" not in (request.get("context") or {})
        self.context = self.context_of(request)
        self.state = request.get("state")
        self.share()
        self.before = (written(self.context) if self.context_is_own else None, written(self.state))

    def context_of(self, request):
        given = request.get("context") or {}
        return LIVE.at(given["live"]) if "live" in given else given.get("value")

    def share(self):
        """A journal holds a shallow copy of the experiment, and a record one of its activity."""
        if isinstance(self.state, dict):
            link(self.state.get("experiment"), self.object("experiment"))
            link(self.state.get("activity"), self.context)

    def object(self, name):
        return LIVE.objects.get(name) if name in self.names else None

    def offers(self):
        """What a signature may name: each name with the function that gets the object."""
        names = ("secrets", "configuration", "experiment", "settings")
        return {name: partial(self.object, name) for name in names}

    def extensions(self):
        experiment = self.object("experiment")
        return experiment.get("extensions") if isinstance(experiment, dict) else None

    def changes(self):
        changed = LIVE.changes(self.names)
        context, state = self.before
        if self.context_is_own and written(self.context) != context:
            changed["context"] = tagged(self.context)
        if written(self.state) != state:
            changed["state"] = tagged(self.state)
        return changed


def tell_library(name, value):
    """An installed chaoslib that extensions use is told what its own command would have told it."""
    caching, settings = sys.modules.get("chaoslib.caching"), sys.modules.get("chaoslib.settings")
    try:
        if name == "experiment" and hasattr(caching, "cache_activities"):
            caching.cache_activities(value)
        if name == "settings" and hasattr(settings, "loaded_settings"):
            settings.loaded_settings.set(value)
    except Exception:
        logging.getLogger("chaostoolkit").debug("chaoslib does not take the %s", name, exc_info=True)


def written(value):
    return json.dumps(tagged(value))


def link(copy, original):
    """Makes the equal entries of a shallow copy the very objects of its original again."""
    if not isinstance(copy, dict) or not isinstance(original, dict):
        return
    for name, value in copy.items():
        if isinstance(value, (dict, list)) and written(value) == written(original.get(name)):
            copy[name] = original[name]


def reconciled(live, new):
    """`live` made equal to `new` in place, as far as both are of one kind."""
    if isinstance(live, dict) and isinstance(new, dict):
        entries = {name: reconciled(live.get(name), value) for name, value in new.items()}
        live.clear()
        live.update(entries)
        return live
    if isinstance(live, list) and isinstance(new, list):
        kept = [reconciled(old, value) for old, value in zip(live, new)]
        live[:] = kept + new[len(kept) :]
        return live
    return new
