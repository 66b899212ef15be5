#!/usr/bin/env python3
"""Measures a lab: memory and CPU at rest, and memory under load. Figures are in docs/benchmarks.md.

    python benches/lab.py --lab target/release/chaos-lab --chaos target/release/chaos
"""

import argparse
import os
import subprocess
import sys
import time

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")
sys.path.insert(0, os.path.join(ROOT, "tests", "lab"))
from lab import Lab  # noqa: E402

#: How long the lab is watched at rest, in seconds.
AT_REST = 30


def family(lab):
    """The lab's process and those that it started."""
    mark = f"CHAOS_LAB_PARENT={lab}\0".encode()
    found = [lab]
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if mark in environ.read():
                    found.append(int(entry))
        except OSError:
            continue
    return found


def cpu_seconds(processes):
    """CPU time used so far."""
    ticks = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/stat", encoding="utf-8") as stat:
                fields = stat.read().rsplit(")", 1)[1].split()
                ticks += int(fields[11]) + int(fields[12])
        except OSError:
            continue
    return ticks / os.sysconf("SC_CLK_TCK")


def memory(processes):
    """Memory in MiB, where what several processes share counts once."""
    kib = 0
    for process in processes:
        try:
            with open(f"/proc/{process}/smaps_rollup", encoding="utf-8") as rollup:
                kib += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
        except OSError:
            continue
    return kib / 1024


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--chaos", required=True)
    args = parser.parse_args()
    started = time.monotonic()
    with Lab(args.lab) as lab:
        print(f"ready after {time.monotonic() - started:.1f} s")
        time.sleep(5)
        processes = family(lab.process.pid)
        before = cpu_seconds(processes)
        time.sleep(AT_REST)
        used = (cpu_seconds(processes) - before) / AT_REST * 100
        print(f"at rest: {len(processes)} processes, {memory(processes):.0f} MiB, {used:.1f} % of a core")
        env = lab.env(COMMENTS_URL=lab.web, JOURNEY_VUS="50", JOURNEY_THINK_SECONDS="0.2", SPAM_RATE="100")
        scripts = [os.path.join(ROOT, "library", "load-generation", name) for name in ("journey.js", "spam.js")]
        loads = [subprocess.Popen([args.chaos, "load", script], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) for script in scripts]
        peak = 0
        while any(load.poll() is None for load in loads):
            peak = max(peak, memory(family(lab.process.pid)))
            time.sleep(1)
        print(f"under load: at most {peak:.0f} MiB; load tests ended with {[load.returncode for load in loads]}")


if __name__ == "__main__":
    main()
