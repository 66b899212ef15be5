#!/usr/bin/env python3
"""Runs the experiments of the public starter pack (DevLearnOps/chaostoolkit-starter-pack-aws) in a lab. Their files stay as they are: only
variables are given, as on a command line, and the Terraform that three of them apply is the lab's, without providers and modules.

    python tests/lab/starter_pack/run.py --lab target/debug/chaos-lab --bin target/debug --pack PATH/library [-k NAME]
"""

import argparse
import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from experiments import LIBRARY  # noqa: E402
from lab import Lab  # noqa: E402

import environment  # noqa: E402

STACKS = ("proxy", "topic-subscription")


@dataclass(frozen=True)
class Case:
    """An experiment of the pack, and what it is given."""

    folder: str
    variables: dict = field(default_factory=dict)
    lab: tuple = ("--visitors", 5)
    prepare: object = None


SHORT = {"warmup_duration": "3s", "attack_duration": "6s", "stress_users:int": 5}
CASES = (
    Case("reliability/ecs-instance-asg-fail-az", SHORT),
    Case("reliability/ecs-instance-burn-cpu", {"stress_duration_seconds": 5, "stress_users:int": 5}),
    Case("reliability/ecs-instance-kill-docker", {"stress_duration_seconds": 5, "stress_users:int": 5}),
    Case("reliability/ecs-instance-termination", {"stress_duration_seconds": 45, "stress_users:int": 5}),
    Case("reliability/ecs-service-fail-az", SHORT),
    Case("reliability/ecs-service-slow-datasource", SHORT, prepare=environment.datasource),
    Case("reliability/ecs-service-slow-dependency", SHORT, prepare=environment.dependency),
    Case("reliability/ecs-service-tasks-failure", {"acceptable_downtime:int": 12}),
    Case("reliability/rds-instance-reboot", {"acceptable_downtime:int": 12}),
    Case("scalability/ecs-service-autoscaling", {"stress_users:int": 150, "stress_duration": "45s"}, lab=("--speed", 30)),
    # the service with the smallest tasks, to spare the machine's processors
    Case("scalability/ecs-service-cpu-scaling", {"service_name": "comments-web-service"}, lab=("--visitors", 5, "--speed", 30)),
    Case("scalability/ecs-service-max-capacity-alarm"),
    Case("scalability/ecs-service-scale-in"),
    Case("scalability/ecs-service-scale-out", {"desired_tasks_count:int": 4}),
)


def copied(pack, work):
    """A copy of the pack, because a run writes beside its experiment, with the lab's stacks in place of those for AWS."""
    target = os.path.join(work, "library")
    left_out = shutil.ignore_patterns("journal.json", "chaostoolkit.log", ".terraform*", "*.tfstate*", "stacks")
    shutil.copytree(pack, target, ignore=left_out)
    for stack in STACKS:
        shutil.copytree(os.path.join(LIBRARY, "stacks", stack, "lab"), os.path.join(target, "stacks", stack))
    return target


def start_chaos(args, lab, folder, variables, more):
    """Runs an experiment in its context `live`; gives its exit code, its journal and what it told."""
    given = [word for name, value in variables.items() for word in ("--var", f"{name}={value}")]
    command = [os.path.join(args.bin, "start-chaos"), "--context", "live", *given, folder]
    done = subprocess.run(command, env=lab.env(**more), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=900)
    try:
        with open(os.path.join(folder, "journal.json"), encoding="utf-8") as file:
            return done.returncode, json.load(file), done.stdout
    except OSError:
        return done.returncode, {}, done.stdout


def reason(code, journal):
    """Why a run is not what it should be; nothing if it is."""
    failed = [entry["activity"]["name"] for entry in journal.get("run", []) + journal.get("rollbacks", []) if entry["status"] != "succeeded"]
    if code or failed or journal.get("status") != "completed":
        return f"exit code {code}, {journal.get('status')}, deviated {journal.get('deviated')}, failed activities: {failed or 'none'}"
    return None


def run(args, case):
    """One experiment in a lab of its own; gives why it did not complete, and what it told."""
    with tempfile.TemporaryDirectory() as work, Lab(args.lab, *case.lab) as lab, contextlib.ExitStack() as stack:
        folder = os.path.join(copied(args.pack, work), case.folder)
        variables, more = dict(case.variables), {}
        if case.prepare:
            proxy = stack.enter_context(environment.Proxy(lab))
            variables |= case.prepare(lab, proxy)
            more["TF_VAR_toxiproxy_url"] = f"http://{proxy.address}:8474"
        code, journal, told = start_chaos(args, lab, folder, variables, more)
        return reason(code, journal), told


def attempt(args, case):
    """Runs it and tells how it went; gives whether it completed."""
    started = time.monotonic()
    try:
        why, told = run(args, case)
    except Exception as error:  # pylint: disable=broad-except
        why, told = f"{type(error).__name__}: {error}", ""
    seconds = f"({time.monotonic() - started:.0f} s)"
    print(f"not completed {case.folder} {seconds}: {why}\n{told}" if why else f"completed     {case.folder} {seconds}", flush=True)
    return not why


def main():
    """Runs all of them, or those that are asked for; gives the exit code."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--pack", required=True, help="the folder `library` of a checkout of the starter pack")
    parser.add_argument("-k", default="", help="only the experiments whose folder holds this")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    if not os.path.isdir(os.path.join(args.pack, "reliability")):
        parser.error(f"{args.pack} is not the folder `library` of the starter pack: it has no folder `reliability`")
    # on a busy machine a lab may be too slow for its own clockwork: what fails is tried once more
    passed = [attempt(args, case) or attempt(args, case) for case in CASES if args.k in case.folder]
    print(f"{sum(passed)} of {len(passed)} completed")
    return 0 if passed and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
