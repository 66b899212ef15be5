"""The exceptions of the library, which extensions raise and catch by these names."""

__all__ = [
    "ChaosException",
    "InvalidExperiment",
    "InvalidActivity",
    "ActivityFailed",
    "FailedActivity",
    "DiscoveryFailed",
    "InvalidSource",
    "InterruptExecution",
    "ControlPythonFunctionLoadingError",
    "InvalidControl",
    "ExperimentExitedException",
]


class ChaosException(Exception):
    """What all the others are, with one exception."""


class InvalidExperiment(ChaosException):
    pass


class InvalidActivity(ChaosException):
    pass


class InvalidControl(ChaosException):
    pass


class InvalidSource(ChaosException):
    pass


class ActivityFailed(ChaosException):
    """An action or a probe did not do what it was to do; the experiment goes on."""


# the name of old, which extensions still use
FailedActivity = ActivityFailed


class DiscoveryFailed(ChaosException):
    pass


class InterruptExecution(ChaosException):
    """Raised by a control to end the experiment."""


class ExperimentExitedException(ChaosException):
    """Raised in background functions when the experiment ends without waiting for them."""


class ControlPythonFunctionLoadingError(Exception):
    pass
