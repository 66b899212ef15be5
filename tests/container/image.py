#!/usr/bin/env python3
"""Builds the images of the Dockerfile and runs them: start-chaos against a lab on this machine, the CPU hog, a service of the application.

    python tests/container/image.py --lab target/debug/chaos-lab [--store FOLDER] [--programs target/debug]

Needs root, Debian's packages and rustc; buildah, podman, runc and debootstrap are installed when they are missing. The folder keeps base
images and layers for the next time: without it they are made anew, which takes as long as a release build. With --programs nothing is
compiled: the images get these programs, all else is as the Dockerfile says, and only the size of all else is checked.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))
sys.path.insert(0, os.path.join(ROOT, "tests", "lab"))

from checks import run_all  # noqa: E402  pylint: disable=wrong-import-position
from lab import Lab  # noqa: E402  pylint: disable=wrong-import-position
from library import whole_again  # noqa: E402  pylint: disable=wrong-import-position
from places import place  # noqa: E402  pylint: disable=wrong-import-position
from resources import snapshot  # noqa: E402  pylint: disable=wrong-import-position
from store import Store, install_programs  # noqa: E402  pylint: disable=wrong-import-position

MIB = 1024 * 1024
#: The most that the image may hold, unpacked, without Terraform; and of that, what is not a program.
MOST = 120 * MIB
MOST_BESIDE = 15 * MIB
BUCKET = "journals-of-containers"
COMPLETES = "library/reliability/ecs-service-tasks-failure"
ROLLS_BACK = "library/reliability/ecs-service-fail-az"
FAULT = "Action: fail-the-zone"
PROGRAMS = ("start-chaos", "chaos", "submit-job")


class Checks:
    """The checks, with what they need."""

    def __init__(self, args, store, images):
        self.args, self.store = args, store
        self.chaos, self.hog, self.comments = images
        self.place = place(store, self.chaos)

    def run(self, image, *arguments, environment=None, entrypoint=None):
        """A whole run: exit code and what it told."""
        return self.place.start(image, arguments, environment, entrypoint).end()

    def succeeds(self, image, *arguments, **how):
        """A whole run that must go well; gives what it told."""
        code, told = self.run(image, *arguments, **how)
        expect(code == 0, f"exit code {code}:\n{told}")
        return told

    # -- what the image is

    def it_is_small(self):
        size = self.store.inspected(self.chaos)["Size"]
        told = self.succeeds(self.chaos, "-c", "find /usr/local/bin -type f -exec stat -c %s {} +", entrypoint="sh")
        beside = size - sum(map(int, told.split()))
        print(f"     {size / MIB:.1f} MiB, {beside / MIB:.1f} MiB of them no programs", flush=True)
        expect(beside < MOST_BESIDE and (size < MOST or self.args.programs), f"the image has {size} bytes, {beside} of them no programs")

    def it_is_configured_for_a_run(self):
        config = self.store.inspected(self.chaos)["Config"]
        expect(config["Entrypoint"] == ["start-chaos"] and config["StopSignal"] in ("SIGTERM", "15"), config)
        expect(config["User"].split(":")[0] not in ("", "0", "root"), config)

    def the_user_is_not_root_and_may_write_beside_experiments_only(self):
        told = self.succeeds(self.chaos, "-c", "id -u; touch library/dummy/x my-experiments/x /tmp/x && touch /x /usr/bin/x || echo refused", entrypoint="sh")
        expect("10001" in told.split("\n") and "refused" in told.split("\n"), told)

    def it_holds_the_programs_and_nothing_of_a_build(self):
        for program in PROGRAMS:
            told = self.succeeds(self.chaos, "--version", entrypoint=program)
            expect(told.replace(",", "").startswith(f"{program} "), told)
        listed = self.succeeds(self.chaos, "-c", "find / -xdev -name '*.rs' -o -xdev -name cargo -o -xdev -name apt-get -o -xdev -name journal.json", entrypoint="sh")
        expect(not listed, listed)

    def the_library_is_listed_by_the_entrypoint(self):
        told = self.succeeds(self.chaos, "list", "library")
        expect("ecs-service-tasks-failure" in told, told)

    def process_providers_find_their_programs(self):
        self.succeeds(self.chaos, "library/dummy")

    def bad_input_is_told(self):
        code, told = self.run(self.chaos, "library/no-such-experiment")
        expect(code == 2 and "no-such-experiment" in told, told)

    # -- what it does

    def an_experiment_completes_and_its_journal_is_uploaded(self):
        with Lab(self.args.lab, "--visitors", 20) as lab:
            s3 = lab.client("s3")
            s3.create_bucket(Bucket=BUCKET)
            told = self.succeeds(self.chaos, "--context", "lab", "--journals-bucket", BUCKET, COMPLETES, environment=lab.environment)
            keys = [entry["Key"] for entry in s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]
            journals = [key for key in keys if key.endswith(".json")]
            expect(len(journals) == 1, f"{keys}\n{told}")
            journal = json.load(s3.get_object(Bucket=BUCKET, Key=journals[0])["Body"])
            expect((journal["status"], journal["deviated"]) == ("completed", False), journal["status"])

    def sigterm_in_the_fault_rolls_back(self):
        with Lab(self.args.lab, "--visitors", 20) as lab:
            before = snapshot(lab)
            run = self.place.start(self.chaos, ["--context", "lab", ROLLS_BACK], lab.environment)
            try:
                run.wait_for(FAULT)
                wait_for_harm(lab, before)
                run.stop(signal.SIGTERM)
            finally:
                code, told = run.end()
            expect(code == 1 and "Rollback: recover-the-zone" in told, f"exit code {code}:\n{told}")
            whole_again(lab, before)

    # -- the other images

    def the_hog_burns_and_ends(self):
        told = self.succeeds(self.hog, environment={"HOG_CONFIG": "--cpu 1 --cpu-load 20 --timeout 1", "HOG_DELAY": "1"})
        expect("waits for 1 s" in told and "successful run completed" in told, told)
        code, told = self.run(self.hog, environment={"HOG_CONFIG": "--cpu $(id)"})
        expect(code == 2 and "--cpu needs" in told, told)

    def the_hog_stops_at_a_signal(self):
        for delay, begun in (("3600", "waits for"), ("0", "dispatching hogs")):
            run = self.place.start(self.hog, [], {"HOG_CONFIG": "--cpu 1 --cpu-load 5", "HOG_DELAY": delay})
            try:
                run.wait_for(begun)
                run.stop(signal.SIGTERM)
            finally:
                code, told = run.end(60)
            expect(code == 143, f"exit code {code}:\n{told}")

    def a_service_of_the_application_starts_and_stops(self):
        run = self.place.start(self.comments, [], {"SERVER_PORT": "0", "SERVER_ADDRESS": "127.0.0.1", "API_URL": "http://127.0.0.1:1"})
        try:
            run.wait_for("listen")
            run.stop(signal.SIGTERM)
        finally:
            code, told = run.end(60)
        expect(code == 0, f"exit code {code}:\n{told}")


CHECKS = [name for name in vars(Checks) if name not in ("run", "succeeds") and not name.startswith("_")]


def wait_for_harm(lab, before, seconds=60):
    """Waits until the fault is there."""
    deadline = time.monotonic() + seconds
    while snapshot(lab) == before:
        expect(time.monotonic() < deadline, "the fault changed nothing")
        time.sleep(0.2)


def expect(holds, otherwise):
    if not holds:
        raise AssertionError(otherwise)


def built(args, store):
    """The images: start-chaos, the hog, a service. Dependencies and programs get names, so that their layers are kept when older ones are dropped."""
    stages = ["chaos-dependencies", "chaos-build", "comments-dependencies", "comments-build"]
    with tempfile.TemporaryDirectory() as work:
        given = []
        if args.programs:
            print("NOTHING IS COMPILED for the images: they get the programs that are given", flush=True)
            stages = []
            given += given_programs(args.programs, os.path.join(work, "chaos"), "chaos-build", PROGRAMS)
            given += given_programs(args.programs, os.path.join(work, "comments"), "comments-build", ["comments-app"])
        images = {}
        for target in (*stages, None, "hog-system", "ecs-container-hog", "comments-web"):
            started = time.monotonic()
            images[target] = store.build(ROOT, target, *given)
            print(f"     built {target or 'the default target'} ({time.monotonic() - started:.0f} s)", flush=True)
    store.prune()
    return images[None], images["ecs-container-hog"], images["comments-web"]


def given_programs(folder, work, stage, names):
    """The options with which a stage of the Dockerfile is these programs, without what debuggers need."""
    target = os.path.join(work, "out", "usr", "local", "bin")
    os.makedirs(target)
    for name in names:
        subprocess.run(["strip", "-o", os.path.join(target, name), os.path.join(folder, name)], check=True)
    return ["--build-context", f"{stage}={work}"]


def check_all(args, folder):
    """Every check in its turn; gives how many failed."""
    with Store(folder) as store:
        store.make_bases(compiles=not args.programs)
        checks = Checks(args, store, built(args, store))
        chosen = [name for name in CHECKS if args.k in name]
        return run_all((f"{name} ({checks.place.name})", getattr(checks, name)) for name in chosen)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lab", required=True)
    parser.add_argument("--store", help="a folder that keeps images and layers for the next time")
    parser.add_argument("--programs", help="a folder with programs that the images get instead of their own release build")
    parser.add_argument("-k", default="", help="only the checks whose name holds this")
    args = parser.parse_args()
    install_programs()
    if args.store:
        return 1 if check_all(args, args.store) else 0
    with tempfile.TemporaryDirectory() as folder:
        return 1 if check_all(args, folder) else 0


if __name__ == "__main__":
    sys.exit(main())
