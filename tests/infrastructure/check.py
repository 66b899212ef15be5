#!/usr/bin/env python3
"""Checks Terraform and Terragrunt code against the providers' schemas, and that every reference resolves.

Exit code: 0 nothing found, 1 findings, 2 wrong usage.
"""

import argparse
import sys
from pathlib import Path

from tf import settings, terragrunt
from tf.report import Report
from tf.schema import MissingWheel, Schemas
from tf.tree import Tree, files


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--wheels", type=Path, required=True, help="folder with the wheels of providers.txt")
    parser.add_argument("folders", nargs="+", type=Path, help="folders with .tf and terragrunt.hcl files")
    options = parser.parse_args()
    for folder in [options.wheels, *options.folders]:
        if not folder.is_dir():
            parser.error(f"there is no folder {folder}")
    try:
        checked, report = check(options.folders, Schemas(options.wheels))
    except MissingWheel as missing:
        parser.error(str(missing))
    if not checked:
        parser.error("there are no .tf files in these folders")
    failed = {finding.file for finding in report}
    for finding in report:
        print(finding)
    print(f"{len(checked | failed) - len(failed)} passed, {len(failed)} failed")
    return 1 if failed else 0


def check(folders, schemas):
    """The files that were checked, and the report of what was found in them."""
    report = Report()
    tree = Tree(folders, schemas, report)
    tree.check()
    units = terragrunt.check(folders, tree, report)
    values = files(folders, "*.tfvars")
    settings.check(values, tree, report)
    return {report.shown(path) for path in [*files(folders, "*.tf"), *units, *values]}, report


if __name__ == "__main__":
    sys.exit(main())
