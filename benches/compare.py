#!/usr/bin/env python3
"""Measures our `chaos` beside the Python one, in one run, and prints the tables of docs/benchmarks.md.

    pip install chaostoolkit==1.19.0        # in a virtual environment
    python3 benches/compare.py --ours target/release/chaos --start target/release/start-chaos --peer VENV/bin/chaos

CPU time is that of the process and all its children; memory is the peak of the process itself.
"""
import argparse
import http.server
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

SMALL = """\
title: small
description: two probes and an action
steady-state-hypothesis:
  title: all is well
  probes:
    - {type: probe, name: one, tolerance: 0, provider: {type: process, path: "true"}}
    - {type: probe, name: two, tolerance: 0, provider: {type: process, path: "true"}}
method:
  - {type: action, name: act, provider: {type: process, path: "true"}}
"""

PAUSE = """\
title: pause
description: a pause to interrupt
method:
  - {type: action, name: act, provider: {type: process, path: touch, arguments: [started]}, pauses: {after: 60}}
rollbacks:
  - {type: action, name: undo, provider: {type: process, path: sh, arguments: [-c, "date +%s.%N > undone"]}}
"""


def probes(port, count):
    provider = {"type": "http", "url": f"http://127.0.0.1:{port}/", "timeout": 10}
    method = [{"type": "probe", "name": f"probe {i}", "provider": provider} for i in range(count)]
    return {"title": "probes", "description": "many", "method": method}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        body = b'{"status": "fine"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


def serve():
    server = Server(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def peak_kib(pid):
    """Peak memory of a process that still runs: wait4 would count that of its parent before the exec, too."""
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith("VmHWM")), 0)
    except OSError:
        return 0


def run(argv, cwd):
    """CPU seconds with children, peak KiB, wall seconds, exit code."""
    start = time.monotonic()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0
    with open(os.devnull, "w") as devnull:
        proc = subprocess.Popen(argv, cwd=cwd, stdout=devnull, stderr=devnull)
        while True:
            pid, status, _ = os.wait4(proc.pid, os.WNOHANG)
            if pid:
                break
            peak = max(peak, peak_kib(proc.pid))
            time.sleep(0.0005)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = (after.ru_utime - before.ru_utime) + (after.ru_stime - before.ru_stime)
    return cpu, peak, time.monotonic() - start, os.waitstatus_to_exitcode(status)


def prepared(text):
    folder = tempfile.mkdtemp(prefix="bench-")
    name = "experiment.json" if isinstance(text, dict) else "experiment.yaml"
    Path(folder, name).write_text(json.dumps(text) if isinstance(text, dict) else text)
    Path(folder, "experiment.conf").write_text(f"[DEFAULT]\nexperiment_path = {name}\nrollback_strategy = always\n")
    return folder, name


def command(binary, name):
    if os.path.basename(binary) == "start-chaos":
        return [binary, "experiment.conf"]
    return [binary, "--no-version-check", "run", "--rollback-strategy", "always", name]


def small(binary, times):
    cpus, peaks = [], []
    for _ in range(times):
        folder, name = prepared(SMALL)
        cpu, peak, _, code = run(command(binary, name), folder)
        assert code == 0, code
        cpus.append(cpu)
        peaks.append(peak)
    return statistics.median(cpus), statistics.median(peaks)


def many(binary, port, count):
    folder, name = prepared(probes(port, count))
    cpu, peak, wall, code = run(command(binary, name), folder)
    assert code == 0, code
    journal = Path(folder, "journal.json")
    assert len(json.loads(journal.read_text())["run"]) == count
    return cpu, peak, wall, journal.stat().st_size / 1024


def interrupted(binary):
    folder, name = prepared(PAUSE)
    with open(os.devnull, "w") as devnull:
        proc = subprocess.Popen(command(binary, name), cwd=folder, stdout=devnull, stderr=devnull)
        while not Path(folder, "started").exists():
            time.sleep(0.01)
        time.sleep(0.5)
        sent = time.time()
        proc.send_signal(signal.SIGINT)
        proc.wait()
    return (float(Path(folder, "undone").read_text()) - sent) * 1000


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ours", required=True)
    ap.add_argument("--start", required=True)
    ap.add_argument("--peer", required=True)
    ap.add_argument("--probes", type=int, default=5000)
    ap.add_argument("--times", type=int, default=15)
    args = ap.parse_args()
    binaries = {
        "Chaos Toolkit": os.path.abspath(args.peer),
        "chaos": os.path.abspath(args.ours),
        "start-chaos": os.path.abspath(args.start),
    }
    print("| small experiment | CPU | ratio | peak memory | ratio |\n|---|---|---|---|---|")
    base = None
    for name, binary in binaries.items():
        cpu, peak = small(binary, args.times)
        base = base or (cpu, peak)
        print(f"| {name} | {cpu * 1000:.1f} ms | 1/{base[0] / cpu:.0f} | {peak / 1024:.1f} MiB | 1/{base[1] / peak:.1f} |")
    port = serve()
    print(f"\n| {args.probes} http probes | CPU per probe | ratio | wall | memory grown by | journal | grown / journal |\n"
          "|---|---|---|---|---|---|---|")
    base = None
    for name, binary in list(binaries.items())[:2]:
        one_cpu, one_peak, _, _ = many(binary, port, 1)
        cpu, peak, wall, journal = many(binary, port, args.probes)
        per = (cpu - one_cpu) / args.probes * 1e6
        base = base or per
        grown = peak - one_peak
        print(f"| {name} | {per:.0f} µs | 1/{base / per:.1f} | {wall:.1f} s | {grown / 1024:.1f} MiB | "
              f"{journal / 1024:.1f} MiB | {grown / journal:.1f} |")
    print("\n| SIGINT during a 60 s pause | until the rollback's process ran (median of 5) |\n|---|---|")
    for name, binary in list(binaries.items())[:2]:
        print(f"| {name} | {statistics.median(interrupted(binary) for _ in range(5)):.0f} ms |")


if __name__ == "__main__":
    sys.exit(main())
