#!/usr/bin/env python3
"""Drives a lab with boto3, which knows nothing of it: the operations that our activities and the library use, and what they set off.

    VENV/bin/python tests/lab/operations.py --lab target/debug/chaos-lab [-k NAME] [--jobs 4]
"""

import argparse
import concurrent.futures
import importlib
import pkgutil
import sys
import time
import traceback

import botocore.exceptions

import operations
from lab import Lab


def checks_of(module):
    """The checks of a module, in the order of its text."""
    found = [value for name, value in vars(module).items() if name.startswith("check_") and value.__module__ == module.__name__]
    return sorted(found, key=lambda check: check.__code__.co_firstlineno)


def name_of(check):
    return f"{check.__module__.removeprefix('operations.')}.{check.__name__.removeprefix('check_')}"


def where(error):
    """The line of a check that failed, and what it said."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if "/operations/" in frame.filename]
    lines = [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno}: {frame.line}" for frame in frames]
    return "\n       ".join([*lines, f"{type(error).__name__}: {error}"])


def run(check, lab):
    """Whether a check does as it should; tells so."""
    began = time.monotonic()
    lacks = getattr(check, "lacking", None)
    failed = mistaken = None
    try:
        check(lab)
    except Exception as error:  # whatever it is, the other checks go on
        failed, mistaken = where(error), not isinstance(error, (AssertionError, botocore.exceptions.ClientError))
    took = f"({time.monotonic() - began:.1f} s)"
    if lacks and not mistaken:
        told = f"lack {name_of(check)} {took}: {lacks}" if failed else f"FAIL {name_of(check)} {took}\n       the lab does it now, so that it lacks nothing: {lacks}"
    else:
        told = f"FAIL {name_of(check)} {took}\n       {failed}" if failed else f"ok   {name_of(check)} {took}"
    print(told, flush=True)
    return not mistaken and bool(failed) == bool(lacks)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True, help="the program chaos-lab")
    parser.add_argument("-k", default="", help="only the checks whose name (service.what) holds this")
    parser.add_argument("--jobs", type=int, default=4, help="how many checks run at a time")
    args = parser.parse_args()
    modules = [importlib.import_module(f"operations.{found.name}") for found in pkgutil.iter_modules(operations.__path__)]
    chosen = [check for module in modules for check in checks_of(module) if args.k in name_of(check)]
    if not chosen:
        parser.error(f"no check is named like {args.k}")
    with Lab(args.lab) as lab, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        results = list(pool.map(lambda check: run(check, lab), chosen))
        # on a busy machine a lab may be too slow for its own clockwork: what failed is tried once more, alone
        results = [good or run(check, lab) for check, good in zip(chosen, results)]
    print(f"{sum(results)} of {len(results)} checks did as they should")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
