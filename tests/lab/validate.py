#!/usr/bin/env python3
"""Has the Python Chaos Toolkit validate every experiment of the library, with its extensions, or with stand-ins for what is not on PyPI.

    VENV/bin/python tests/lab/validate.py --peer VENV/bin/chaos
"""

import argparse
import os
import subprocess
import sys

from experiments import LIBRARY, experiments

HERE = os.path.dirname(os.path.abspath(__file__))
#: Names of what an experiment takes from the environment.
ENVIRONMENT = {"RDS_CLUSTER_IDENTIFIER": "x", "DOCDB_CLUSTER_IDENTIFIER": "x", "TOXIPROXY_URL": "http://127.0.0.1:8474"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--peer", required=True)
    args = parser.parse_args()
    env = {**os.environ, **ENVIRONMENT, "PYTHONPATH": os.path.join(HERE, "modules")}
    wrong = 0
    for experiment in experiments():
        command = [os.path.abspath(args.peer), "--no-version-check", "--no-log-file", "validate", "experiment.yaml"]
        done = subprocess.run(command, cwd=os.path.join(LIBRARY, experiment.folder), env=env, capture_output=True, text=True)
        print(f"{'ok  ' if done.returncode == 0 else 'FAIL'} {experiment.folder}", flush=True)
        if done.returncode != 0:
            wrong += 1
            print(done.stdout + done.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
