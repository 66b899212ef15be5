"""Listening to the events of a run."""

import logging

__all__ = ["EventHandlerRegistry", "RunEventHandler"]
logger = logging.getLogger("chaostoolkit")
# each event with its parameters
EVENTS = {
    "started": ("experiment", "journal"),
    "running": ("experiment", "journal", "configuration", "secrets", "schedule", "settings"),
    "finish": ("journal",),
    "interrupted": ("experiment", "journal"),
    "signal_exit": (),
    "start_continuous_hypothesis": ("frequency",),
    "continuous_hypothesis_iteration": ("iteration_index", "state"),
    "continuous_hypothesis_completed": ("experiment", "journal", "exception"),
    "start_hypothesis_before": ("experiment",),
    "hypothesis_before_completed": ("experiment", "state", "journal"),
    "start_hypothesis_after": ("experiment",),
    "hypothesis_after_completed": ("experiment", "state", "journal"),
    "start_method": ("experiment",),
    "method_completed": ("experiment", "state"),
    "start_rollbacks": ("experiment",),
    "rollbacks_completed": ("experiment", "journal"),
    "start_cooldown": ("duration",),
    "cooldown_completed": (),
    "start_activity": ("activity",),
    "activity_completed": ("activity", "run"),
}


class RunEventHandler:
    """Override the methods of the events that matter; each is called with the parameters in EVENTS."""


class EventHandlerRegistry:
    """Passes each event to all handlers. One that fails does not keep it from the others."""

    def __init__(self):
        self.handlers = []

    def register(self, handler):
        self.handlers.append(handler)


def ignoring(name):
    def ignore(self, *values, **named):
        return None

    ignore.__name__ = name
    return ignore


def passing(name):
    def tell(self, *values, **named):
        for handler in self.handlers:
            try:
                getattr(handler, name)(*values, **named)
            except Exception:
                logger.debug("the handler %s failed at %s", type(handler).__name__, name, exc_info=True)

    tell.__name__ = name
    return tell


for event in EVENTS:
    setattr(RunEventHandler, event, ignoring(event))
    setattr(EventHandlerRegistry, event, passing(event))
