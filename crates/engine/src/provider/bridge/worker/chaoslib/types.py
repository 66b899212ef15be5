"""The names that annotations of extensions use."""

import enum
from typing import Any, Dict, List, Tuple, Union

Action = Probe = Experiment = Extension = Hypothesis = Control = Dict[str, Any]
Activity = Union[Probe, Action]
Journal = Run = Step = Settings = EventPayload = Dict[str, Any]
Configuration = Secrets = Dict[str, Dict[str, str]]
ConfigVars = SecretVars = Dict[str, Any]
Discovery = DiscoveredActivities = DiscoveredSystemInfo = Dict[str, Any]
Layer = Any
TargetLayers = Dict[str, List[Dict[str, Any]]]
MicroservicesStatus = Tuple[Dict[str, Any], Dict[str, Any]]
Tolerance = Union[int, str, bool, list, Dict[str, Any]]


class Strategy(enum.Enum):
    """When the hypothesis is checked."""

    DEFAULT = "default"
    BEFORE_METHOD = "before-method-only"
    AFTER_METHOD = "after-method-only"
    DURING_METHOD = "during-method-only"
    CONTINUOUS = "continuous"
    SKIP = "skip"

    @staticmethod
    def from_string(value):
        return Strategy("continuous" if value == "continuously" else value)


class Dry(enum.Enum):
    """What a dry run leaves out."""

    PROBES = "probes"
    ACTIONS = "actions"
    ACTIVITIES = "activities"
    PAUSE = "pause"

    @staticmethod
    def from_string(value):
        return Dry(value) if value else None


class Schedule:
    """How the hypothesis is checked while the method runs."""

    def __init__(self, continuous_hypothesis_frequency=1.0, fail_fast=False, fail_fast_ratio=0):
        self.continuous_hypothesis_frequency = continuous_hypothesis_frequency
        self.fail_fast = fail_fast
        self.fail_fast_ratio = fail_fast_ratio


__all__ = [name for name in dir() if name[0].isupper() and name not in ("Any", "Dict", "List", "Tuple", "Union")]
