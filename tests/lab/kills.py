#!/usr/bin/env python3
"""Kills labs and their runners with SIGKILL at random moments: nothing may stay behind, no process, no folder, no bound address.

    python tests/lab/kills.py --lab target/debug/chaos-lab [--tries 100] [--jobs 4] [--seed N]
"""

import argparse
import concurrent.futures
import glob
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
LIBRARY = os.path.join(HERE, "..", "..", "library", "reliability")
EXPERIMENTS = ("ecs-service-tasks-failure", "rds-instance-reboot")
#: Until when a killed lab must have gone altogether, in seconds: its warden sweeps.
PATIENCE = 20
#: Until when a lab must serve, in seconds, on a machine that is busy.
START = 90
#: What a lab says when it does.
SERVES = "the application serves"
#: In the environment of a lab, its warden, its runner, and all that these start and hand it on to.
MARK = "CHAOS_LAB_KILLS_TRY"


def environ(process):
    """The environment of a process, empty where it is gone or another's."""
    try:
        with open(f"/proc/{process}/environ", "rb") as found:
            return dict(pair.split(b"=", 1) for pair in found.read().split(b"\0") if b"=" in pair)
    except OSError:
        return {}


def command(process):
    try:
        with open(f"/proc/{process}/cmdline", "rb") as found:
            return found.read().decode(errors="replace").split("\0")
    except OSError:
        return []


def processes():
    return [int(entry) for entry in os.listdir("/proc") if entry.isdigit()]


class Kin:
    """The processes of one lab, known by whatever marks them: a lab hands little of its own environment on."""

    def __init__(self, lab, mark):
        self.lab, self.mark, self.ids = str(lab).encode(), mark.encode(), set()

    def found(self):
        """Those that live now, besides the lab itself."""
        seen = {process: environ(process) for process in processes()}
        for marks in seen.values():
            if marks.get(b"CHAOS_LAB_PARENT") == self.lab and b"CHAOS_LAB_ID" in marks:
                self.ids.add(marks[b"CHAOS_LAB_ID"].decode())
        return [process for process, marks in seen.items() if process != int(self.lab) and self.is_kin(process, marks)]

    def is_kin(self, process, marks):
        if marks.get(MARK.encode()) == self.mark or marks.get(b"CHAOS_LAB_PARENT") == self.lab:
            return True
        if marks.get(b"CHAOS_LAB_ID", b"").decode() in self.ids:
            return True
        words = command(process)
        return words[1:2] == ["warden"] and words[2] in self.ids


def runner_of(lab):
    """The process start-chaos of a lab, or none."""
    for process in processes():
        if command(process)[1:2] == ["start-chaos"] and environ(process).get(b"CHAOS_LAB_PARENT") == str(lab).encode():
            return process
    return None


def listening(process_ids):
    """Where these processes listen, as (address, port)."""
    inodes = set()
    for process in process_ids:
        for link in glob.glob(f"/proc/{process}/fd/*"):
            try:
                target = os.readlink(link)
            except OSError:
                continue
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table][1:]
    found = set()
    for row in rows:
        if row[3] == "0A" and row[9] in inodes:
            address, port = row[1].split(":")
            found.add((socket.inet_ntoa(bytes.fromhex(address)[::-1]), int(port, 16)))
    return found


def unbindable(addresses):
    """Those of these addresses where nobody can listen any more. Another lab of ours may have taken its place already, which is proof enough."""
    left = []
    for address in addresses - listening(processes()):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(address)
                probe.listen()
            except OSError as error:
                left.append((address, str(error)))
    return left


def lives(process):
    """A process that waits for its parent to notice its end lives no more."""
    try:
        with open(f"/proc/{process}/stat", encoding="utf-8", errors="replace") as stat:
            return stat.read().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False


def kill(process):
    """Whether it was there to be killed."""
    try:
        os.kill(process, signal.SIGKILL)
    except ProcessLookupError:
        return False
    return True


class Try:
    """One lab and its death."""

    def __init__(self, program, number, seed):
        self.program, self.number = program, number
        self.choice = random.Random(f"{seed}/{number}")
        self.folder = tempfile.TemporaryDirectory(prefix=f"kills-{number}-")
        self.kind = self.choice.choice(("up", "run", "runner"))
        # half of them while it starts, half while it serves; a runner is there only then
        self.serves = self.kind == "runner" or self.choice.random() < 0.5
        self.moment = self.choice.uniform(0, 8 if self.serves else 4)

    def line(self):
        common = ["--port", "0", "--toxiproxy-port", "0", "--database", "embedded"]
        if self.kind == "up":
            return [self.program, "up", "--visitors", "20", *common]
        conf = os.path.join(LIBRARY, self.choice.choice(EXPERIMENTS), "experiment.conf")
        options = ["--journal-path", os.path.join(self.folder.name, "journal.json"), "--log-file", os.path.join(self.folder.name, "log")]
        return [self.program, "run", conf, *common, "--", *options]

    def start(self):
        # its folder and its note among those of running labs lie in ours, so that what it leaves is seen
        place = self.folder.name
        env = {**os.environ, "TMPDIR": place, "XDG_RUNTIME_DIR": place, "HOME": place, MARK: str(self.number)}
        with open(os.path.join(place, "said"), "wb") as said:
            return subprocess.Popen(self.line(), env=env, cwd=place, stdout=said, stderr=said)

    def said(self):
        with open(os.path.join(self.folder.name, "said"), encoding="utf-8", errors="replace") as said:
            return said.read()

    def run(self):
        """What is wrong, in words; empty where all went."""
        lab = self.start()
        kin = Kin(lab.pid, str(self.number))
        deadline = time.monotonic() + START
        while self.serves and SERVES not in self.said() and lab.poll() is None and time.monotonic() < deadline:
            time.sleep(0.1)
        died = time.monotonic() + self.moment
        addresses = listening([lab.pid])
        while time.monotonic() < died and lab.poll() is None:
            time.sleep(min(0.5, max(0.0, died - time.monotonic())))
            addresses |= listening([lab.pid, *kin.found()])
        runner = runner_of(lab.pid) if self.kind == "runner" else None
        told = self.early(lab) or self.left(lab, kin, addresses, kill(runner or lab.pid) and runner)
        for process in [lab.pid, *kin.found()] if told else []:
            kill(process)
        self.folder.cleanup()
        when = f"{self.moment:.2f} s after {'it served' if self.serves else 'its start'}"
        return f"try {self.number}: {'the runner' if runner else 'the lab'} of `{self.kind}` was killed {when}: {told}" if told else ""

    def early(self, lab):
        """What is wrong where the lab ended by itself."""
        if self.kind == "up" and lab.poll() is not None:
            return f"it had ended by itself with {lab.poll()}: {self.said()[-1000:]}"
        return "" if not self.serves or SERVES in self.said() else f"it did not serve: {self.said()[-1000:]}"

    def left(self, lab, kin, addresses, runner):
        try:
            # a lab whose runner was killed tears down by itself
            code = lab.wait(PATIENCE * 2 if runner else PATIENCE)
        except subprocess.TimeoutExpired:
            return "the lab goes on"
        if runner and code == 0:
            return "the lab says that all is well"
        deadline = time.monotonic() + PATIENCE
        while True:
            left = [process for process in kin.found() if lives(process)]
            folders = glob.glob(os.path.join(self.folder.name, "chaos-lab-??????"))
            if not left and not folders:
                break
            if time.monotonic() > deadline:
                return f"left: processes {[(process, command(process)) for process in left]}, folders {folders}"
            time.sleep(0.1)
        while still := unbindable(addresses):
            if time.monotonic() > deadline:
                return f"cannot be bound: {still}"
            time.sleep(0.1)
        return ""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--lab", required=True, help="the program chaos-lab")
    parser.add_argument("--tries", type=int, default=100)
    parser.add_argument("--jobs", type=int, default=4, help="how many labs at a time")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    args = parser.parse_args()
    print(f"seed {args.seed}", flush=True)
    program = os.path.abspath(args.lab)
    tries = [Try(program, number, args.seed) for number in range(args.tries)]
    kinds = {kind: sum(one.kind == kind for one in tries) for kind in ("up", "run", "runner")}
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        wrong = []
        for told in pool.map(Try.run, tries):
            if told:
                wrong.append(told)
                print(f"FAIL {told}", flush=True)
    print(f"{len(tries) - len(wrong)} of {len(tries)} tries left nothing behind ({kinds})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
