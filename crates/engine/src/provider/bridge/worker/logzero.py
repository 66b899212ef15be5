"""A stand-in for logzero where it is not installed: older extensions log through it."""

import logging

__all__ = ["logger", "setup_logger"]
logger = logging.getLogger("chaostoolkit")


def setup_logger(*settings, **more):
    """The log belongs to the run, which has its own settings."""
    return logger
