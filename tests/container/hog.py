#!/usr/bin/env python3
"""What the ECS CPU hog's script makes of HOG_CONFIG and HOG_DELAY, with a program that stands in for stress-ng.

    python tests/container/hog.py [--shell "busybox sh"]
"""

import argparse
import functools
import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lab"))

from checks import run_all  # noqa: E402  pylint: disable=wrong-import-position

SCRIPT = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools", "ecs-container-hog", "hog.sh"))
STRESS = """#!/bin/sh
[ -z "$STRESS_LASTS" ] || trap 'echo stopped >> "$STRESS_LOG"; exit 0' TERM
echo "$@" >> "$STRESS_LOG"
[ -z "$STRESS_LASTS" ] || while :; do sleep 0.1; done
"""


class Hog:
    """A run of the script, for a `with` block."""

    def __init__(self, shell, config=None, delay=None, lasts=""):
        self.shell, self.lasts = shell, lasts
        self.settings = {name: value for name, value in (("HOG_CONFIG", config), ("HOG_DELAY", delay)) if value is not None}

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        here = self.folder.name
        self.log = os.path.join(here, "stress.log")
        with open(os.path.join(here, "stress-ng"), "w", encoding="utf-8") as file:
            file.write(STRESS)
        os.chmod(file.name, 0o755)
        # what a word with an asterisk would become, if it became something
        with open(os.path.join(here, "--cpu=9"), "w", encoding="utf-8"):
            pass
        environment = {"PATH": f"{here}:{os.environ['PATH']}", "STRESS_LOG": self.log, "STRESS_LASTS": self.lasts, **self.settings}
        self.process = subprocess.Popen([*self.shell, SCRIPT], env=environment, cwd=here, stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.communicate()
        self.folder.cleanup()

    def end(self):
        """Waits for its end; gives its exit code and what it told."""
        told = self.process.communicate(timeout=60)[1]
        return self.process.returncode, told

    def stressed(self):
        """How stress-ng was called."""
        try:
            with open(self.log, encoding="utf-8") as file:
                return file.read().splitlines()
        except OSError:
            return []

    def wait_for(self, holds, what):
        """Polls a condition."""
        deadline = time.monotonic() + 60
        while not holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"waited for {what}")
            time.sleep(0.02)


def call(shell, config=None, delay=None):
    """A whole run: exit code, messages and calls of stress-ng."""
    with Hog(shell, config, delay) as hog:
        return *hog.end(), hog.stressed()


def equal(seen, wanted, about):
    if seen != wanted:
        raise AssertionError(f"{about!r}: {seen!r} instead of {wanted!r}")


def options_are_read_as_stress_ng_reads_them(shell):
    for config, wanted in (
        ("--cpu 1 --cpu-load 100", "--cpu 1 --cpu-load 100 --timeout 0"),
        ("--cpu 4 --cpu-load 80  --timeout 60", "--cpu 4 --cpu-load 80 --timeout 60"),
        ("--cpu=2 --cpu-load=5% --timeout=5m", "--cpu 2 --cpu-load 5 --timeout 300"),
        ("-c2 -l 30 -t1h", "--cpu 2 --cpu-load 30 --timeout 3600"),
        ("stress-ng -c 0 -t 1d", "--cpu 0 --cpu-load 100 --timeout 86400"),
        ("--cpu 08 -l 007 -t 010", "--cpu 8 --cpu-load 7 --timeout 10"),
        ("\t--cpu\n1 ", "--cpu 1 --cpu-load 100 --timeout 0"),
    ):
        code, _, calls = call(shell, config, "0")
        equal((code, calls), (0, [wanted]), config)


def without_a_cpu_nothing_is_used_up(shell):
    for config in (None, "", " --timeout 90"):
        code, told, calls = call(shell, config)
        equal((code, calls, "nothing is used up" in told), (0, [], True), config)


def bad_input_is_refused_with_a_message(shell):
    for config, delay, message in (
        ("--cpu", "0", "--cpu needs"),
        ("--cpu two", "0", "not `two`"),
        ("--cpu -1", "0", "not `-1`"),
        ("--cpu 1000000000000000000000", "0", "--cpu needs"),
        ("--cpu 1 --cpu-load 101", "0", "from 0 to 100"),
        ("--cpu 1 --cpu-load 1.5", "0", "from 0 to 100"),
        ("--cpu 1 --timeout soon", "0", "`soon` is no time"),
        ("--cpu 1 --timeout", "0", "is no time"),
        ("--cpu 1 --vm 1", "0", "no option `--vm`"),
        ("--cpu 1 --log-file /tmp/x", "0", "no option `--log-file`"),
        ("cpu", "0", "no option `cpu`"),
        ("--cpu 1 *", "0", "no option `*`"),
        ("--cpu 1", "a while", "HOG_DELAY: `a while`"),
        ("--cpu 1", "-5", "HOG_DELAY: `-5`"),
    ):
        code, told, calls = call(shell, config, delay)
        equal((code, calls, message in told), (2, [], True), (config, delay, told))


def nothing_in_it_is_run(shell):
    for word in ("$(touch ran)", "`touch ran`", ";touch ran", "--cpu=1;touch${IFS}ran", "&& touch ran", "--cpu=a[$(touch ran)]", "-t $((ran))"):
        for config, delay in ((f"--cpu 1 {word}", "0"), ("--cpu 1", word)):
            with Hog(shell, config, delay) as hog:
                code, _ = hog.end()
                equal((code, hog.stressed(), os.path.exists(os.path.join(hog.folder.name, "ran"))), (2, [], False), (config, delay))


def it_begins_after_the_delay(shell):
    code, told, calls = call(shell, "--cpu 1", "1")
    equal((code, len(calls), "waits for 1 s" in told), (0, 1, True), told)


def a_signal_ends_the_delay(shell):
    for how in (signal.SIGTERM, signal.SIGINT):
        with Hog(shell, "--cpu 1", "1d") as hog:
            first = hog.process.stderr.readline()
            equal("waits for 86400 s" in first, True, first)
            hog.process.send_signal(how)
            code, _ = hog.end()
            equal((code, hog.stressed()), (143, []), how)


def a_signal_stops_stress_ng(shell):
    with Hog(shell, "--cpu 1", "0", lasts="yes") as hog:
        hog.wait_for(hog.stressed, "stress-ng")
        hog.process.send_signal(signal.SIGTERM)
        code, told = hog.end()
        equal((code, hog.stressed()[1:]), (143, ["stopped"]), told)


CHECKS = (
    options_are_read_as_stress_ng_reads_them,
    without_a_cpu_nothing_is_used_up,
    bad_input_is_refused_with_a_message,
    nothing_in_it_is_run,
    it_begins_after_the_delay,
    a_signal_ends_the_delay,
    a_signal_stops_stress_ng,
)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shell", default="sh")
    shell = shlex.split(parser.parse_args().shell)
    failed = run_all((check.__name__, functools.partial(check, shell)) for check in CHECKS)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
