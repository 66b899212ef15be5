"""Ending an experiment from a function or a control, at once.

The signals go to the worker, which ends the function on its main thread or tells the run.
"""

import os
import signal
from contextlib import contextmanager

__all__ = ["exit_gracefully", "exit_ungracefully", "exit_signals"]


def exit_gracefully():
    """Ends the experiment; its rollbacks are played as its strategy says."""
    os.kill(os.getpid(), signal.SIGUSR1)


def exit_ungracefully():
    """Ends the experiment without its rollbacks."""
    os.kill(os.getpid(), signal.SIGUSR2)


@contextmanager
def exit_signals():
    """Nothing to do: the worker handles the signals all along."""
    yield
