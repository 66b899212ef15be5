#!/usr/bin/env python3
"""Runs experiments as jobs of the lab's Batch with submit-job: a job's log is followed and its outcome is the exit code; one whose process
is killed is recovered by its second attempt and not injected again; Ctrl-C ends it with its rollbacks.

    python tests/lab/batch.py --lab target/debug/chaos-lab --bin target/debug
"""

import argparse
import functools
import json
import os
import pty
import signal
import subprocess
import sys
import tempfile
import threading

from checks import run_all
from lab import Lab, wait_until
from library import Failure, copied, whole_again
from resources import snapshot

QUEUE, DEFINITION = "live-chaos-queue", "live-chaos-experiment"
#: An experiment whose fault lasts, and is taken back by a rollback.
LASTING = "library/scalability/ecs-service-scale-out"
FAULT = "Action: "


class Follower:
    """A `submit-job --follow` under way."""

    def __init__(self, args, lab, work, *options, terminal=False):
        command = [os.path.join(args.bin, "submit-job"), "--queue", QUEUE, "--job-definition", DEFINITION, "--interval", "0.5", "--follow"]
        self.told, self.seen = [], threading.Condition()
        if terminal:
            self.ours, theirs = pty.openpty()
            ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        else:
            self.ours, theirs = os.pipe()
            ends = {"stdin": subprocess.DEVNULL, "stdout": theirs, "stderr": theirs}
        self.process = subprocess.Popen([*command, *options], cwd=work, env=lab.env(), **ends)
        os.close(theirs)
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        """Keeps what it tells."""
        while True:
            try:
                some = os.read(self.ours, 4096)
            except OSError:  # so ends a terminal
                return
            if not some:
                return
            with self.seen:
                self.told.append(some.decode(errors="replace"))
                self.seen.notify_all()

    def answers(self, text):
        """Types this."""
        os.write(self.ours, text.encode())

    def wait_for(self, text):
        """Waits until it told this."""
        with self.seen:
            if not self.seen.wait_for(lambda: text in self.text(), 120):
                raise Failure(f"'{text}' is not in:\n{self.text()}")

    def text(self):
        """All that it told so far."""
        return "".join(self.told)

    def ends(self, code):
        """Waits for its end and compares the exit code."""
        found = self.process.wait(180)
        self.reader.join()
        os.close(self.ours)
        if found != code:
            raise Failure(f"exit code {found} instead of {code}:\n{self.text()}")
        return self.text()


def expect(text, *parts):
    """All parts are in the text."""
    for part in parts:
        if part not in text:
            raise Failure(f"'{part}' is not in:\n{text}")


def bucket_of(lab):
    """The bucket of journals."""
    names = [bucket["Name"] for bucket in lab.client("s3").list_buckets()["Buckets"]]
    return next(name for name in names if name.startswith("live-chaos-journals"))


def keys(lab):
    """All that is in it."""
    return [item["Key"] for item in lab.client("s3").list_objects_v2(Bucket=bucket_of(lab)).get("Contents", [])]


def journal(lab):
    """The only journal in it."""
    found = [key for key in keys(lab) if key.endswith("/journal.json")]
    if len(found) != 1:
        raise Failure(f"not one journal: {keys(lab)}")
    return json.load(lab.client("s3").get_object(Bucket=bucket_of(lab), Key=found[0])["Body"])


def only_job(lab):
    """The only job of the queue."""
    batch = lab.client("batch")
    listed = batch.list_jobs(jobQueue=QUEUE, filters=[{"name": "JOB_NAME", "values": ["*"]}])["jobSummaryList"]
    assert len(listed) == 1, listed
    return batch.describe_jobs(jobs=[listed[0]["jobId"]])["jobs"][0]


def runner_of(lab):
    """The process of the job that runs."""
    job = only_job(lab)["jobId"]
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if f"AWS_BATCH_JOB_ID={job}\0".encode() in environ.read():
                    return int(entry)
        except OSError:
            continue
    raise Failure(f"no process of {job}")


def completes(args, lab, work):
    """A good run: 0, its log, its journal."""
    told = Follower(args, lab, work, LASTING).ends(0)
    expect(told, "RUNNING", "Experiment ended with status: completed", "SUCCEEDED: exit code 0")
    found = journal(lab)
    job = only_job(lab)
    if (found["batch"]["job_id"], found["batch"]["attempt"]) != (job["jobId"], 1):
        raise Failure(f"{found['batch']} is not of {job['jobId']}")
    if any(key.endswith(".wal") for key in keys(lab)):
        raise Failure(f"left in the bucket: {keys(lab)}")


def deviates(args, lab, work):
    """A bad run: 1, and no second attempt."""
    told = Follower(args, lab, work, "-e", "CHAOS_VAR=desired_tasks_count:int=40", LASTING).ends(1)
    expect(told, "FAILED: exit code 1")
    if len(only_job(lab)["attempts"]) != 1:
        raise Failure("an outcome was tried again")


def is_recovered(args, lab, work):
    """A first attempt that is killed in its fault, and whose disk is gone, is recovered by the second."""
    before = snapshot(lab)
    follower = Follower(args, lab, work, LASTING)
    follower.wait_for(FAULT)
    wait_until(lambda: any(key.endswith(".wal") for key in keys(lab)), 30, "the copy of the write-ahead file")
    os.kill(runner_of(lab), signal.SIGKILL)
    for name in (".journal.json.wal", "journal.json"):
        try:
            os.remove(os.path.join(work, LASTING, name))
        except FileNotFoundError:
            pass
    told = follower.ends(1)
    attempts = only_job(lab)["attempts"]
    if [attempt["container"].get("exitCode") for attempt in attempts] != [137, 1]:
        raise Failure(f"attempts {attempts}:\n{told}")
    found = journal(lab)
    if found["status"] != "interrupted" or "recovered" not in found or found["batch"]["attempt"] != 2:
        raise Failure(f"status {found['status']}, recovered {found.get('recovered')}, batch {found.get('batch')}")
    if told.count(FAULT) != told.count("Rollback: ") + 1:
        raise Failure(f"injected more than once:\n{told}")
    whole_again(lab, before)


def is_cancelled(args, lab, work):
    """Ctrl-C with --cancel-on-interrupt: SIGTERM for the job, and its rollbacks."""
    before = snapshot(lab)
    follower = Follower(args, lab, work, "--cancel-on-interrupt", LASTING)
    follower.wait_for(FAULT)
    follower.process.send_signal(signal.SIGINT)
    expect(follower.ends(1), "to be ended", "Rollback: ", "status: interrupted", "FAILED: exit code 1")
    whole_again(lab, before)


def is_asked_for(args, lab, work):
    """Ctrl-C at a terminal asks; `c` goes on looking, `y` ends the job with its rollbacks."""
    before = snapshot(lab)
    follower = Follower(args, lab, work, LASTING, terminal=True)
    follower.wait_for(FAULT)
    follower.process.send_signal(signal.SIGINT)
    follower.wait_for("go on looking: ")
    follower.answers("c\n")
    follower.wait_for("looking on")
    follower.process.send_signal(signal.SIGINT)
    wait_until(lambda: follower.text().count("go on looking: ") == 2, 30, "the second question")
    follower.answers("y\n")
    expect(follower.ends(1), "to be ended", "Rollback: ", "FAILED: exit code 1")
    whole_again(lab, before)


def is_left(args, lab, work):
    """Ctrl-C without anybody to ask leaves the job alone."""
    follower = Follower(args, lab, work, LASTING)
    follower.wait_for(FAULT)
    follower.process.send_signal(signal.SIGINT)
    expect(follower.ends(1), "goes on; to end it: aws batch terminate-job --job-id")
    wait_until(lambda: only_job(lab)["status"] == "SUCCEEDED", 120, "the job to end by itself")


def in_a_lab(args, check):
    """Makes a check in a lab and a copy of the library of its own."""
    here = os.getcwd()
    with tempfile.TemporaryDirectory() as work:
        copied(work)
        # jobs of the lab run in the folder where it was started
        os.chdir(work)
        try:
            with Lab(args.lab, "--visitors", 5) as lab:
                check(args, lab, work)
        finally:
            os.chdir(here)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True)
    parser.add_argument("--bin", required=True)
    parser.add_argument("-k", default="", help="only the checks whose name holds this")
    args = parser.parse_args()
    args.bin = os.path.abspath(args.bin)
    args.lab = os.path.abspath(args.lab)
    checks = (completes, deviates, is_recovered, is_cancelled, is_asked_for, is_left)
    chosen = [(check.__name__, functools.partial(in_a_lab, args, check)) for check in checks if args.k in check.__name__]
    failed = run_all(chosen)
    print(f"{len(chosen) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
