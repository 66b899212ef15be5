#!/usr/bin/env python3
"""Runs checkov, offline, and sees to it that each of its findings is mended or skipped for a reason.

A skip stands in the block that it is for: `#checkov:skip=CKV_AWS_1:why this is right here`. checkov itself takes a skip
without a reason, and one where there is nothing to skip; so it is run on a copy in which no skip counts, and the skips
are compared with what it finds. Exit code: 0 nothing found, 1 findings, 2 wrong usage.
"""

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tf.report import Report
from tf.tree import files

MARK = re.compile(r"(checkov|bridgecrew|cortex):skip=")
SKIP = re.compile(MARK.pattern + r"\s*(\w+)(?::[ \t]*(.*))?")
FEWEST_WORDS = 3


@dataclass(frozen=True)
class Skip:
    path: Path
    line: int
    check_id: str
    reason: str

    def covers(self, failure):
        first, last = failure["file_line_range"]
        same = failure["check_id"] == self.check_id and failure["file_abs_path"] == str(self.path)
        return same and first <= self.line <= last


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkov", default="checkov", help="the program")
    parser.add_argument("folders", nargs="+", type=Path, help="folders with .tf files")
    options = parser.parse_args()
    for folder in options.folders:
        if not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    report, passed = Report(), 0
    try:
        for folder in options.folders:
            passed += check(options.checkov, folder.resolve(), report)
    except (OSError, ValueError) as fault:
        parser.error(f"checkov did not do its work: {fault}")
    findings = list(report)
    for finding in findings:
        print(finding)
    print(f"{passed} passed, {len(findings)} failed")
    return 1 if findings or not passed else 0


def check(checkov, folder, report):
    """How many of checkov's checks pass or are skipped for a reason."""
    skips = [skip for path in files([folder], "*.tf") for skip in skips_of(path)]
    results = run(checkov, folder)
    explained = 0
    for failure in results["failed_checks"]:
        if any(skip.covers(failure) for skip in skips):
            explained += 1
            continue
        what = f"{failure['check_id']}: {failure['check_name']} ({failure['resource']})"
        report.add(failure["file_abs_path"], failure["file_line_range"][0], what)
    for path in results["parsing_errors"]:
        report.add(path, 1, "checkov cannot read this")
    for skip in skips:
        judge(skip, results["failed_checks"], report)
    return len(results["passed_checks"]) + explained


def skips_of(path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        found = SKIP.search(line)
        if found:
            yield Skip(path, number, found[2], found[3] or "")


def judge(skip, failures, report):
    """A skip has a reason, and there is something that it skips."""
    if len(skip.reason.split()) < FEWEST_WORDS:
        wanted = f"#checkov:skip={skip.check_id}:why this is right here"
        report.add(skip.path, skip.line, f"the skip of {skip.check_id} has no reason: write `{wanted}`")
    if not any(skip.covers(failure) for failure in failures):
        report.add(skip.path, skip.line, f"checkov finds nothing that the skip of {skip.check_id} skips")


def run(checkov, folder):
    """What checkov finds where no skip counts; its paths are those of the folder itself."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary).resolve() / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns(".terraform", ".terragrunt-cache"))
        for path in copy.rglob("*.tf"):
            path.write_text(MARK.sub(r"\1 skips ", path.read_text(encoding="utf-8")), encoding="utf-8")
        # a folder at a time: given several, it looks at the first one only
        command = [checkov, "--framework", "terraform", "--skip-download", "--compact", "--output", "json"]
        done = subprocess.run([*command, "--directory", str(copy)], capture_output=True, text=True)
    if done.returncode not in (0, 1):
        raise ValueError(done.stderr.strip()[-500:])
    results = json.loads(done.stdout).get("results", {})
    for failure in results.get("failed_checks", []):
        failure["file_abs_path"] = failure["file_abs_path"].replace(str(copy), str(folder), 1)
    unread = [path.replace(str(copy), str(folder), 1) for path in results.get("parsing_errors", [])]
    return {"failed_checks": results.get("failed_checks", []), "passed_checks": results.get("passed_checks", []),
            "parsing_errors": unread}


if __name__ == "__main__":
    sys.exit(main())
