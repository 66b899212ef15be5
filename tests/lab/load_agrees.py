#!/usr/bin/env python3
"""Runs the load scripts of the library against the application in a lab: what the tool counts, the load balancer counts, too.

    VENV/bin/python tests/lab/load_agrees.py --lab target/debug/chaos-lab --chaos target/debug/chaos [--duration 15s]
"""

import argparse
import datetime
import json
import os
import subprocess
import sys
import tempfile
import time

from lab import Lab

LOAD = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "library", "load-generation")
COUNTS = ["RequestCount", *(f"HTTPCode_Target_{part}XX_Count" for part in (2, 3, 4, 5)), *(f"HTTPCode_ELB_{part}XX_Count" for part in (3, 4, 5))]


def counted(lab, began):
    """The counts of the public load balancer since a moment, none of another client's requests among them."""
    balancer = lab.client("elbv2").describe_load_balancers(Names=["live-chaos-comment-public"])["LoadBalancers"][0]
    dimensions = [{"Name": "LoadBalancer", "Value": balancer["LoadBalancerArn"].split("loadbalancer/")[1]}]
    found = {}
    for name in COUNTS:
        asked = {"Namespace": "AWS/ApplicationELB", "MetricName": name, "Dimensions": dimensions, "Statistics": ["Sum"], "Period": 60}
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
        points = lab.client("cloudwatch").get_metric_statistics(**asked, StartTime=began, EndTime=end)["Datapoints"]
        found[name] = int(sum(point["Sum"] for point in points))
    return found


def load(chaos, lab, script, settings):
    """The exit code and the summary of a run."""
    with tempfile.TemporaryDirectory() as work:
        export = os.path.join(work, "summary.json")
        command = [chaos, "load", "--quiet", "--summary-export", export, os.path.join(LOAD, script)]
        done = subprocess.run(command, env=lab.env(COMMENTS_URL=lab.web, HOME=work, **settings), capture_output=True, text=True, timeout=300, cwd=work)
        try:
            with open(export, encoding="utf-8") as written:
                return done.returncode, json.load(written)["metrics"]
        except OSError:
            raise SystemExit(f"{script} wrote no summary:\n{done.stdout}{done.stderr}") from None


def differences(script, code, metrics, before, after):
    """What does not agree, in words."""
    seen = {name: after[name] - before[name] for name in COUNTS}
    requests = int(metrics["http_reqs"]["count"])
    of_targets = sum(count for name, count in seen.items() if "_Target_" in name)
    of_balancer = sum(count for name, count in seen.items() if "_ELB_" in name)
    claims = [
        (code == 0, f"exit code {code}: a threshold was crossed, or worse"),
        (requests > 100, f"only {requests} requests"),
        (seen["RequestCount"] == requests, f"RequestCount {seen['RequestCount']}, but {requests} requests"),
        (of_targets + of_balancer == requests, f"answers of targets {of_targets} and of the balancer {of_balancer}, but {requests} requests"),
    ]
    if script == "spam.js":
        refused = int(metrics["spam_refused"]["count"])
        # what setup() looked for and did not find was made
        missing = int(metrics["http_reqs"]["count"]) - refused - seen["HTTPCode_Target_2XX_Count"]
        claims.append((refused + missing == seen["HTTPCode_Target_4XX_Count"], f"{refused} refused, {missing} missing, HTTPCode_Target_4XX_Count {seen['HTTPCode_Target_4XX_Count']}"))
        claims.append((refused > 0 and missing <= 10, f"{refused} refused, {missing} missing"))
    claims.append((seen["HTTPCode_Target_5XX_Count"] == seen["HTTPCode_ELB_5XX_Count"] == 0, f"server errors: {seen}"))
    return requests, seen, [told for holds, told in claims if not holds]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True, help="the program chaos-lab")
    parser.add_argument("--chaos", required=True, help="the program chaos")
    parser.add_argument("--duration", default="15s")
    args = parser.parse_args()
    wrong = 0
    with Lab(args.lab) as lab:
        began = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(minutes=5)
        for script, settings in (
            ("journey.js", {"JOURNEY_DURATION": args.duration, "JOURNEY_THINK_SECONDS": "0.2"}),
            ("spam.js", {"SPAM_DURATION": args.duration}),
        ):
            before = counted(lab, began)
            code, metrics = load(os.path.abspath(args.chaos), lab, script, settings)
            deadline = time.monotonic() + 10
            while True:  # metrics may come a moment later
                requests, seen, told = differences(script, code, metrics, before, counted(lab, began))
                if not told or time.monotonic() > deadline:
                    break
                time.sleep(0.5)
            wrong += bool(told)
            print(f"{'FAIL' if told else 'ok  '} {script}: {requests} requests; {', '.join(f'{name} {count}' for name, count in seen.items() if count)}")
            for line in told:
                print(f"       {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
