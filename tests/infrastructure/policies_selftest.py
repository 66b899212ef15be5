#!/usr/bin/env python3
"""Plants what policies.py must find in a small module, and expects it to find that and nothing else."""

import argparse
import sys
import tempfile
from pathlib import Path

import policies
from tf.report import Report

# each line with a comment `# wanted: …` must have a finding with these words, and no other line may have one
CODE = '''
resource "aws_sqs_queue" "open" { # wanted: CKV_AWS_27:
  name = "open"
}

resource "aws_sqs_queue" "explained" {
  #checkov:skip=CKV_AWS_27:Nothing in it is a secret
  name = "explained"
}

resource "aws_sqs_queue" "unexplained" {
  #checkov:skip=CKV_AWS_27 # wanted: the skip of CKV_AWS_27 has no reason
  name = "unexplained"
}

resource "aws_sqs_queue" "hardly" {
  #checkov:skip=CKV_AWS_27:not needed
  name = "hardly"
}

resource "aws_sqs_queue" "closed" {
  #checkov:skip=CKV_AWS_27:It was open once before # wanted: checkov finds nothing that the skip of CKV_AWS_27 skips
  name                    = "closed"
  sqs_managed_sse_enabled = true
}
'''
# a reason of two words, which a comment behind it would make longer
HARDLY = ("#checkov:skip=CKV_AWS_27:not needed", "the skip of CKV_AWS_27 has no reason")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkov", default="checkov", help="the program")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder).resolve() / "main.tf"
        code = CODE.replace(" # wanted: the skip", "\n  # wanted: the skip")
        path.write_text(code)
        report = Report()
        policies.check(options.checkov, path.parent, report)
    found = {finding.line: finding.message for finding in report}
    wanted = dict(expected(code))
    faults = [f"line {line}: wanted `{says}`, found `{found.get(line, 'nothing')}`"
              for line, says in wanted.items() if says not in found.get(line, "")]
    faults += [f"line {line}: found `{found[line]}`, which is not wanted" for line in found if line not in wanted]
    for fault in faults:
        print(fault)
    print(f"{len(wanted)} passed, 0 failed" if not faults else f"0 passed, {len(faults)} failed")
    return 1 if faults else 0


def expected(code):
    """Pairs of line and words."""
    for number, line in enumerate(code.splitlines(), 1):
        if line.strip().startswith("# wanted: "):
            yield number - 1, line.split("# wanted: ")[1]
        elif "# wanted: " in line:
            yield number, line.split("# wanted: ")[1]
        elif HARDLY[0] in line:
            yield number, HARDLY[1]


if __name__ == "__main__":
    sys.exit(main())
