#!/usr/bin/env python3
"""Runs the cases of AWS activities, recorded ones and our own, and checks what every activity says of itself.

    check.py --bin path/to/chaos [--jobs N] [--only 'ecs/*']

Beyond what the conformance runner (tests/conformance/aws/run.py) compares:

- every call that an activity made is among the IAM actions that `chaos iam-policy` prints for it, and every action
  printed is called by some case, but for those in NOT_SEEN;
- every activity of the reference pages (docs/activities) for AWS has a case in which it succeeds and one in which it
  fails or is refused;
- no Python is started: the first python and python3 on PATH leave a mark and fail.

Needs the packages that tests/conformance/aws/README.md names.
"""
from __future__ import annotations

import argparse
import base64
import fnmatch
import functools
import importlib.util
import json
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import botocore.loaders

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
SUITE = ROOT / "tests/conformance/aws"

# IAM names services and some operations differently from the API.
# https://docs.aws.amazon.com/service-authorization/latest/reference/
PREFIX = {"elbv2": "elasticloadbalancing", "emr": "elasticmapreduce"}
ACTION = {
    "lambda:Invoke": "lambda:InvokeFunction",
    "s3:ListBuckets": "s3:ListAllMyBuckets",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
}
# Needed by AWS beside the call of the same activity, or called only where no case can look.
NOT_SEEN = {
    "ec2:DescribeVpcs": "AWS checks it when a VPC is named to Route 53",
    "ecs:TagResource": "AWS checks it when something is created with tags",
    "fis:TagResource": "AWS checks it when something is created with tags",
    "iam:PassRole": "AWS checks it when a role is handed to a service",
    "iam:TagPolicy": "AWS checks it when something is created with tags",
    "iam:TagRole": "AWS checks it when something is created with tags",
    "lambda:GetLayerVersion": "AWS checks it when a function is given layers",
    "s3:DeleteObjectVersion": "what AWS checks for DeleteObject with a version",
    "s3:GetObjectVersion": "what AWS checks for GetObject with a version",
    "ssm:AddTagsToResource": "AWS checks it when something is created with tags",
}


# services whose cases name policies that AWS manages; moto reads them anew for each case, which takes longer than most
WITH_POLICIES = {"fis", "iam"}
# what is not built in may be a Python module of the user's, so it is looked for there
PYTHON = {"client/unknown-module", "ecs/unknown-function"}


class TagNames(frozenset):
    """What the runner takes for the `Key` of a tag may be that of an item in DynamoDB, which is no text."""

    def __contains__(self, key):
        return isinstance(key, str) and super().__contains__(key)


def load_runner():
    spec = importlib.util.spec_from_file_location("aws_conformance", SUITE / "run.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["aws_conformance"] = module
    spec.loader.exec_module(module)
    module.RANDOM_TAGS = TagNames(module.RANDOM_TAGS)
    plain = module.drop_tokens
    module.drop_tokens = lambda call: readable(call, plain(call))
    # clients read their models anew otherwise; that of S3 is changed by who reads it
    loader = botocore.loaders.JSONFileLoader
    anew = loader.load_file
    once = functools.cache(functools.partial(anew, loader()))
    loader.load_file = lambda self, path: (anew(self, path) if "/s3" in path else once(path))
    return module


def readable(call, params):
    """An item of the state table of fail-az, with what is encoded or of the moment in a form that can be compared."""
    if (call["service"], call["operation"]) == ("dynamodb", "PutItem"):
        item = dict(params["Item"])
        if "B" in item.get("state", {}):
            item["state"] = {"B": base64.b64decode(item["state"]["B"]).decode()}
        if item.get("createdTime", {}).get("N", "0") != "0":
            item["createdTime"] = {"N": "<seconds>"}
        params = dict(params, Item=item)
    return params


def iam_action(call):
    service, operation = call.split(":", 1)
    named = f"{PREFIX.get(service, service)}:{operation}"
    return ACTION.get(call, named)


def provider_name(activity):
    provider = activity.get("provider", {})
    return f"{provider.get('module')}.{provider.get('func')}"


def declared_actions(binary, name, folder):
    """What `chaos iam-policy` prints for an experiment of this one activity."""
    module, function = name.rsplit(".", 1)
    experiment = {"version": "1.0.0", "title": "t", "description": "d", "method": [
        {"type": "probe", "name": "a", "provider": {"type": "python", "module": module, "func": function}}]}
    path = Path(folder) / "experiment.json"
    path.write_text(json.dumps(experiment))
    ran = subprocess.run([binary, "--no-log-file", "iam-policy", str(path)], capture_output=True, check=True)
    statements = json.loads(ran.stdout)["Statement"]
    return {action for statement in statements for action in statement["Action"]}


def documented_activities():
    """AWS activities of the reference pages: those that name IAM actions."""
    names = set()
    for page in (ROOT / "docs/activities").glob("*.md"):
        for part in re.split(r"(?m)^## ", page.read_text())[1:]:
            kind = re.search(r"(?m)^An? (?:action|probe) of `([\w.]+)`\.$", part)
            if kind and "\nIAM actions: " in part:
                names.add(f"{kind.group(1)}.{part.split(chr(10), 1)[0].strip()}")
    return names


class Findings:
    def __init__(self):
        self.lock = threading.Lock()
        self.failures = []
        self.passed = 0
        self.called = {}
        self.good, self.bad = set(), set()

    def case(self, name, case, expected, result, diff):
        with self.lock:
            if diff:
                self.failures.append(f"{name}: {diff}")
                return
            self.passed += 1
            activities = case["activities"]
            if not result["activities"]:
                self.bad.update(map(provider_name, activities))
            for declared, seen in zip(activities, result["activities"]):
                activity = provider_name(declared)
                (self.good if seen["status"] == "succeeded" else self.bad).add(activity)
                calls = [f"{call['service']}:{call['operation']}" for call in seen["calls"]] + seen["reads"]
                self.called.setdefault(activity, set()).update(map(iam_action, calls))

    def check_policies(self, binary):
        with tempfile.TemporaryDirectory() as folder:
            for activity, called in sorted(self.called.items()):
                # who assumes a role needs to be let in; the role's policy does not name it
                called = called - {"sts:AssumeRole"}
                declared = declared_actions(binary, activity, folder)
                if called - declared:
                    self.failures.append(f"{activity} calls {sorted(called - declared)} without declaring it")
                idle = declared - called - NOT_SEEN.keys()
                if idle:
                    self.failures.append(f"{activity} declares {sorted(idle)}, which no case sees it call")

    def check_coverage(self):
        for activity in sorted(documented_activities()):
            if activity not in self.good:
                self.failures.append(f"{activity}: no case in which it succeeds")
            if activity not in self.bad:
                self.failures.append(f"{activity}: no case in which it fails or is refused")


def without_python(folder):
    """Puts failing interpreters first on PATH; returns the file that they leave."""
    mark = Path(folder) / "python-was-started"
    for name in ("python", "python3"):
        script = Path(folder) / name
        script.write_text(f"#!/bin/sh\necho \"$0 $*\" >> '{mark}'\nexit 97\n")
        script.chmod(0o755)
    os.environ["PATH"] = f"{folder}{os.pathsep}{os.environ['PATH']}"
    return mark


def work_through(todo, runner, options, findings):
    worker = None
    while True:
        try:
            name, path = todo.get_nowait()
        except queue.Empty:
            break
        try:
            case = runner.load_case(path)
            expected = json.loads((path / "expected.json").read_text())
            worker = worker or runner.Worker(options)
            result = worker.run(path, runner.strip_private(case))
            if options.record and path.is_relative_to(HERE):
                expected = runner.make_expected(case, result, problems := [])
                (path / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False) + "\n")
                findings.failures.extend(f"{name}: {problem}" for problem in problems)
            findings.case(name, case, expected, result, runner.compare(case, expected, result))
        except Exception as error:
            with findings.lock:
                findings.failures.append(f"{name}: runner: {type(error).__name__}: {error}")
    if worker is not None:
        worker.close()


def work_all(todo, runner, options, findings):
    threads = [threading.Thread(target=work_through, args=(todo, runner, options, findings))
               for _ in range(max(1, options.jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", required=True, help="the chaos program")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--only", default="*", help="glob on service/case; leaves out the checks of the whole")
    parser.add_argument("--record", action="store_true",
                        help="write what --bin does into our own cases: for what the Python package cannot show")
    options = parser.parse_args()
    options.bin, options.keep = str(Path(options.bin).resolve()), False
    runner, findings = load_runner(), Findings()
    plain, with_policies, python = queue.Queue(), queue.Queue(), queue.Queue()
    for folder in (SUITE / "cases", HERE / "cases"):
        for path in sorted(case.parent for case in folder.glob("*/*/case.json")):
            name = f"{path.parent.name}/{path.name}"
            recorded = not runner.load_case(path).get("peer_bug")
            if recorded and fnmatch.fnmatch(name, options.only):
                todo = python if name in PYTHON else with_policies if path.parent.name in WITH_POLICIES else plain
                todo.put((name, path))
    stubs, path = tempfile.mkdtemp(), os.environ["PATH"]
    mark = without_python(stubs)
    work_all(with_policies, runner, options, findings)
    runner.MOTO_MAIN = f"import os\nos.environ['MOTO_IAM_LOAD_MANAGED_POLICIES'] = 'false'\n{runner.MOTO_MAIN}"
    work_all(plain, runner, options, findings)
    if mark.exists():
        findings.failures.append("Python was started: " + mark.read_text())
    shutil.rmtree(stubs)
    os.environ["PATH"] = path
    work_all(python, runner, options, findings)
    if options.only == "*":
        findings.check_policies(options.bin)
        findings.check_coverage()
    for failure in findings.failures:
        print("FAIL", failure)
    print(f"{findings.passed} cases passed, {len(findings.failures)} failures")
    return 1 if findings.failures else 0


if __name__ == "__main__":
    sys.exit(main())
