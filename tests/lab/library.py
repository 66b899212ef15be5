#!/usr/bin/env python3
"""Runs every experiment of the library in a lab, as its README says: the healthy setting completes, the weakened one deviates, and afterwards every
resource is as before. The healthy runs may do what `chaos iam-policy` prints for the experiment, and nothing else.

    python tests/lab/library.py --lab target/debug/chaos-lab --bin target/debug [-k NAME] [--jobs 2]
"""

import argparse
import concurrent.futures
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

from experiments import LIBRARY, experiments
from lab import Lab, wait_until
from resources import snapshot


class Failure(Exception):
    """What was not as it should be."""


def copied(work):
    """A copy of the library, because a run writes beside its experiment."""
    target = os.path.join(work, "library")
    shutil.copytree(LIBRARY, target, ignore=shutil.ignore_patterns("journal.json", "chaostoolkit.log", ".terraform", "*.tfstate*", ".journal.json.wal"))
    return target


def policy(args, folder, work):
    """The file with the experiment's least-privilege policy."""
    command = [os.path.join(args.bin, "chaos"), "--no-log-file", "iam-policy", os.path.join(folder, "experiment.yaml")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True)
    path = os.path.join(work, "policy.json")
    with open(path, "w", encoding="utf-8") as file:
        file.write(printed.stdout)
    return path


def start_chaos(args, lab, folder, options):
    """Runs an experiment; gives its exit code, its journal and what it told."""
    command = [os.path.join(args.bin, "start-chaos"), "--context", "lab", *options, folder]
    done = subprocess.run(command, env=lab.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
    try:
        with open(os.path.join(folder, "journal.json"), encoding="utf-8") as file:
            journal = json.load(file)
    except OSError:
        journal = {}
    return done.returncode, journal, done.stdout


def whole_again(lab, before):
    """Waits until every resource is as it was."""
    seen = {}

    def same():
        seen["now"] = snapshot(lab)
        return seen["now"] == before

    try:
        wait_until(same, 90, "every resource to be as before")
    except AssertionError as error:
        changed = {key: (before.get(key), seen["now"].get(key)) for key in before if before.get(key) != seen["now"].get(key)}
        raise Failure(f"{error}: {json.dumps(changed, indent=2, default=str)}") from None


def denied(lab):
    """What the policy does not name is refused."""
    from botocore.exceptions import ClientError

    try:
        lab.client("ecs").delete_cluster(cluster="live-chaos-comment-cluster")
    except ClientError as error:
        if error.response["Error"]["Code"] in ("AccessDenied", "AccessDeniedException"):
            return
        raise Failure(f"DeleteCluster was answered with {error}") from None
    raise Failure("DeleteCluster was let through")


def run(args, experiment, weak):
    """One run in a lab of its own."""
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(copied(work), experiment.folder)
        command = experiment.weakened if weak else experiment.healthy
        enforced = () if weak else ("--iam-policy", policy(args, folder, work))
        with Lab(args.lab, "--visitors", 20, *command.lab, *enforced) as lab:
            before = snapshot(lab)
            code, journal, told = start_chaos(args, lab, folder, command.options)
            deviated = journal.get("deviated")
            if (code, deviated) != ((1, True) if weak else (0, False)):
                raise Failure(f"exit code {code}, deviated {deviated}:\n{told}")
            # a probe that waits for what does not come is how some notice that they deviate
            must = ("action",) if weak else ("action", "probe")
            played = [entry for entry in journal["run"] + journal["rollbacks"] if entry["activity"]["type"] in must]
            failed = [entry["activity"]["name"] for entry in played if entry["status"] != "succeeded"]
            if failed:
                raise Failure(f"activities failed: {failed}:\n{told}")
            whole_again(lab, before)
            if not weak:
                denied(lab)


def verdict(name, experiment, check):
    """Runs a check of an experiment, tells how it went, and gives whether it went well."""
    if experiment.lacks_terraform():
        print(f"skip {name}: it needs terraform, which is not on PATH", flush=True)
        return True
    started = time.monotonic()
    try:
        check()
        print(f"ok   {name} ({time.monotonic() - started:.0f} s)", flush=True)
        return True
    except Exception as error:  # pylint: disable=broad-except
        print(f"FAIL {name}: {type(error).__name__}: {error}", flush=True)
        return False


def attempt(args, experiment, weak):
    """One run with its verdict."""
    name = f"{experiment.folder} {'weakened' if weak else 'healthy'}"
    return verdict(name, experiment, lambda: run(args, experiment, weak))


def in_turn(cases, attempt_one, jobs):
    """Tries cases, so many at a time; those of scalability one by one, as they measure the processor. On a busy machine a lab may be
    too slow for its own clockwork: what fails is tried once more, alone."""
    alone = [case for case in cases if case[0].folder.startswith("scalability")]
    together = [case for case in cases if case not in alone]
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        passed = list(pool.map(attempt_one, together))
    passed += [attempt_one(case) for case in alone]
    return [good or attempt_one(case) for case, good in zip(together + alone, passed)]


def try_all(ways, attempt_one):
    """Tries every chosen experiment in each of these ways, as the command line says; gives the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("-k", default="", help="only the experiments whose folder holds this")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    cases = [(experiment, way) for experiment in experiments() if args.k in experiment.folder for way in ways]
    passed = in_turn(cases, lambda case: attempt_one(args, *case), args.jobs)
    print(f"{sum(passed)} of {len(passed)} as they should be")
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(try_all((False, True), attempt))
