#!/usr/bin/env python3
"""Compares what a lab makes with what Terraform makes, and both with what the library uses in its context `live`.

Exit code: 0 they agree, 1 they do not, 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

from agree import compare, deployment, lab as lab_facts, library, planted
from tf.report import Report
from tf.tree import Tree

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests" / "lab"))
from lab import Lab  # noqa: E402  the checks of the lab are no package


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", type=Path, required=True, help="the chaos-lab to start")
    parser.add_argument("--infrastructure", type=Path, default=REPOSITORY / "infrastructure")
    parser.add_argument("--library", type=Path, default=REPOSITORY / "library")
    options = parser.parse_args()
    if not options.lab.is_file():
        parser.error(f"there is no {options.lab}")
    try:
        terraform = of_terraform(options.infrastructure)
        uses = library.uses(options.library)
    except OSError as fault:
        parser.error(str(fault))
    with Lab(options.lab, "--clusters") as lab:
        made = lab_facts.facts(lab)
    told = compare.compare(made, terraform, uses)
    told += planted.try_out(made, terraform, uses)
    for sentence in told:
        print(sentence)
    compared = sum(len(names) for names in made.values()) + len(uses) + len(planted.DIFFERENCES)
    print(f"{compared - min(compared, len(told))} passed, {len(told)} failed")
    return 1 if told or not uses else 0


def of_terraform(folder):
    """What Terraform makes. What is wrong with its code is for check.py to say."""
    return deployment.facts(Tree([folder], None, Report()), folder)


if __name__ == "__main__":
    sys.exit(main())
