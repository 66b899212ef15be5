#!/usr/bin/env python3
"""Merges what `chaos iam-policy` says of each of the library's experiments into one policy for the job role of AWS Batch.

Exit code: 0 written, or with --check up to date; 1 with --check stale; 2 wrong usage, or an experiment that cannot be read.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
LIBRARY = HERE.parent / "library"
POLICY = HERE / "submodules" / "compute-environment" / "policies" / "library.json"
# the folders of experiments that run on AWS Batch
FOLDERS = ("reliability", "scalability")


class Unreadable(Exception):
    """An experiment of which the policy cannot be told."""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chaos", default="chaos", help="the program chaos, by its path or name (%(default)s)")
    parser.add_argument("--library", type=Path, default=LIBRARY, help="folder of the library (beside infrastructure/)")
    parser.add_argument("--output", type=Path, default=POLICY, help="the policy (in submodules/compute-environment)")
    parser.add_argument("--check", action="store_true", help="write nothing, and say whether the policy is stale")
    options = parser.parse_args()
    try:
        policy = text(merged(policy_of(options.chaos, path) for path in experiments(options.library)))
    except Unreadable as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return check(options.output, policy) if options.check else write(options.output, policy)


def experiments(library):
    found = [path for folder in FOLDERS for path in sorted(library.glob(f"{folder}/*/experiment.yaml"))]
    if not found:
        raise Unreadable(f"there are no experiments in {library}: name the library's folder with --library")
    return found


def policy_of(chaos, experiment):
    command = [chaos, "--no-log-file", "iam-policy", str(experiment)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except OSError as error:
        raise Unreadable(f"{chaos} cannot be run: {error.strerror}; build it with cargo, and name it with --chaos") from error
    if done.returncode != 0:
        raise Unreadable(f"{chaos} iam-policy {experiment} failed: {done.stderr.strip()}")
    try:
        return json.loads(done.stdout)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{chaos} iam-policy {experiment} printed no JSON: {error}") from error


def merged(policies):
    """One statement for each service, with the actions of all policies."""
    services = {}
    for policy in policies:
        for statement in policy["Statement"]:
            services.setdefault(statement["Sid"], set()).update(statement["Action"])
    statements = [
        {"Sid": sid, "Effect": "Allow", "Action": sorted(actions), "Resource": "*"}
        for sid, actions in sorted(services.items())
    ]
    return {"Version": "2012-10-17", "Statement": statements}


def text(policy):
    return json.dumps(policy, indent=2) + "\n"


def check(output, policy):
    if output.exists() and output.read_text(encoding="utf-8") == policy:
        print(f"{output.name} is up to date")
        return 0
    print(f"{output} is stale: run {Path(__file__).name} without --check", file=sys.stderr)
    return 1


def write(output, policy):
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(policy, encoding="utf-8")
    print(f"{output.name} is written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
