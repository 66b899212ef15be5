"""What is told of an exception, and the exceptions of the worker itself."""

import importlib
import sys
import traceback

OWN_FILES = ("<chaos-bridge>", "<frozen importlib")


class Cancelled(KeyboardInterrupt):
    """Raised in a function whose result nobody waits for any more."""


class Refusal(Exception):
    """The request cannot be carried out; `kind` is the word for it on the wire."""

    def __init__(self, kind, cause=None):
        super().__init__(kind)
        self.document = dict(told(cause) if cause else {}, kind=kind)


def told(error):
    """The exception as the wire has it: kind, message (`Type: message`), text, trace."""
    return {
        "kind": kind_of(error),
        "message": traceback.format_exception_only(type(error), error)[0].strip(),
        "text": exit_code(error) if isinstance(error, (SystemExit, KeyboardInterrupt)) else text_of(error),
        "trace": traceback.format_exception(type(error), error, users_part(error.__traceback__)),
    }


def kind_of(error):
    if isinstance(error, (SystemExit, KeyboardInterrupt)):
        return "exit"
    # only code that imported the class can have raised it
    library = sys.modules.get("chaoslib.exceptions")
    interrupt = getattr(library, "InterruptExecution", ())
    return "interrupt" if isinstance(error, interrupt) else "raised"


def exit_code(error):
    return str(error.code) if isinstance(error, SystemExit) else "KeyboardInterrupt"


def text_of(error):
    try:
        return str(error)
    except Exception:
        return type(error).__name__


def users_part(trace):
    """The traceback without the worker's and the import system's frames at its head."""
    while trace and is_own(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return trace


def is_own(filename):
    return filename.startswith(OWN_FILES) or filename == importlib.__file__
