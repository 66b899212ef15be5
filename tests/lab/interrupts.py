#!/usr/bin/env python3
"""Interrupts every experiment of the library in the middle of its fault, once with SIGINT and once with SIGKILL and `start-chaos
recover`: afterwards every resource is as before.

    python tests/lab/interrupts.py --lab target/debug/chaos-lab --bin target/debug [-k NAME] [--jobs 2]
"""

import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

import yaml
from lab import Lab
from library import Failure, copied, try_all, verdict, whole_again
from resources import snapshot

#: How long a fault lasts before it is interrupted, in seconds.
INTO_THE_FAULT = 1.5


def fault(folder):
    """The name of the action in whose middle there is time: one that is given a pause, else the last that is not load, else load."""
    with open(os.path.join(folder, "experiment.yaml"), encoding="utf-8") as file:
        actions = [step for step in yaml.safe_load(file)["method"] if step["type"] == "action"]
    paused = [step for step in actions if "after" in step.get("pauses", {})]
    harm = [step for step in actions if not step["provider"].get("module", "").startswith("chaosgrafana")]
    return (paused or harm or actions)[-1]["name"]


def interrupted(args, lab, folder, options, how):
    """Starts the experiment and ends it in the middle of its fault; gives its exit code and what it told."""
    command = [os.path.join(args.bin, "start-chaos"), "--context", "lab", *options, folder]
    run = subprocess.Popen(command, env=lab.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    wanted, told, begun = f"Action: {fault(folder)}", [], threading.Event()

    def read():
        for line in run.stdout:
            told.append(line)
            if wanted in line:
                begun.set()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        if not begun.wait(120):
            raise Failure(f"{wanted} did not begin:\n{''.join(told)}")
        time.sleep(INTO_THE_FAULT)
        run.send_signal(how)
        code = run.wait(120)
    finally:
        run.kill()
        reader.join()
    return code, "".join(told)


def check(args, experiment, how):
    """One interruption in a lab of its own."""
    with tempfile.TemporaryDirectory() as work:
        folder = os.path.join(copied(work), experiment.folder)
        with Lab(args.lab, "--visitors", 20, *experiment.healthy.lab) as lab:
            before = snapshot(lab)
            code, told = interrupted(args, lab, folder, experiment.healthy.options, how)
            if how == signal.SIGKILL:
                recover = [os.path.join(args.bin, "start-chaos"), "recover", folder]
                done = subprocess.run(recover, env=lab.env(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300)
                code, told = done.returncode, told + done.stdout
            if code != 1:
                raise Failure(f"exit code {code}:\n{told}")
            whole_again(lab, before)


def attempt(args, experiment, how):
    """One interruption with its verdict."""
    return verdict(f"{experiment.folder} {how.name}", experiment, lambda: check(args, experiment, how))


if __name__ == "__main__":
    sys.exit(try_all((signal.SIGINT, signal.SIGKILL), attempt))
