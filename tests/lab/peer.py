#!/usr/bin/env python3
"""Runs the library's experiments in a lab twice, with our `chaos` and with the Python Chaos Toolkit, and compares the outcomes.

    python tests/lab/peer.py --lab target/debug/chaos-lab --chaos target/debug/chaos --peer VENV/bin/chaos
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile

from lab import Lab

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "..", "..", "library", "reliability")
#: (folder, options of the lab, variables, deviates?)
RUNS = [
    ("ecs-service-tasks-failure", (), ["acceptable_downtime:int=15"], False),
    ("rds-instance-reboot", (), ["acceptable_downtime:int=15"], False),
    ("rds-instance-reboot", ("--speed", 3), ["acceptable_downtime:int=1"], True),
    ("ecs-service-tasks-failure", ("--tasks", 1), ["acceptable_downtime:int=15"], True),
]


def run(program, lab, folder, variables):
    """The journal of one run."""
    with tempfile.TemporaryDirectory() as work:
        journal = os.path.join(work, "journal.json")
        options = [option for variable in variables for option in ("--var", variable)]
        command = [program, "--no-version-check", "--log-file", os.path.join(work, "log"), "run", "--journal-path", journal, *options]
        path = os.path.join(HERE, "modules")
        command.append("experiment.yaml")
        env = lab.env(PYTHONPATH=path, HOME=work)
        done = subprocess.run(command, cwd=os.path.join(LIBRARY, folder), env=env, capture_output=True, text=True, timeout=300)
        try:
            with open(journal, encoding="utf-8") as written:
                return json.load(written)
        except OSError:
            raise SystemExit(f"{program} wrote no journal for {folder}:\n{done.stdout}{done.stderr}") from None


def outcome(journal):
    """What two runs must agree on."""
    after = (journal.get("steady_states") or {}).get("after") or {}
    return {
        "status": journal["status"],
        "deviated": journal["deviated"],
        "activities": [(entry["activity"]["name"], entry["status"]) for entry in journal["run"]],
        "hypothesis": [(entry["activity"]["name"], entry["tolerance_met"]) for entry in after.get("probes", [])],
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--chaos", required=True)
    parser.add_argument("--peer", required=True)
    args = parser.parse_args()
    wrong = 0
    for options in list(dict.fromkeys(entry[1] for entry in RUNS)):
        with Lab(args.lab, "--visitors", 20, *options) as lab:
            for folder, _, variables, deviates in (entry for entry in RUNS if entry[1] == options):
                seen = {}
                for name, program in (("ours", args.chaos), ("peer", args.peer)):
                    lab.settle(alarms=folder.startswith("ecs"))
                    seen[name] = outcome(run(os.path.abspath(program), lab, folder, variables))
                agree = seen["ours"] == seen["peer"] and seen["ours"]["deviated"] == deviates
                wrong += not agree
                print(f"{'ok  ' if agree else 'FAIL'} {folder} {' '.join(variables)} {options or ''}: deviated {deviates}", flush=True)
                if not agree:
                    print(json.dumps(seen, indent=2))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
