#!/usr/bin/env python3
"""Measures `chaos load` beside oha, in one run, and prints the tables of docs/benchmarks.md, "User load".

    cargo install oha --locked
    cargo build --release && cargo build --release -p chaos-load --examples
    python3 benches/load.py --ours target/release/chaos --oha ~/.cargo/bin/oha

The servers are the examples bench_server and comments_server. They have the first core, the generator the second one. CPU time
is that of the generator; memory is its peak.
"""
import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

SERVER_CORE, GENERATOR_CORE = "0", "1"
JOURNEY = Path(__file__).parent.parent / "library/load-generation/journey.js"

SIMPLE = """\
import http from 'k6/http';
import { check } from 'k6';
export default function () {
  const response = http.get(__ENV.BASE_URL);
  check(response, { 'status is 200': (r) => r.status === 200 });
}
"""

IDLE = """\
import http from 'k6/http';
import { sleep } from 'k6';
export default function () {
  http.get(__ENV.BASE_URL);
  sleep(6);
}
"""

ARRIVALS = """\
import http from 'k6/http';
export const options = {
  scenarios: { rate: {
    executor: 'constant-arrival-rate', rate: Number(__ENV.RATE), timeUnit: '1s', duration: __ENV.SECONDS + 's',
    preAllocatedVUs: Number(__ENV.USERS), maxVUs: Number(__ENV.USERS),
  } },
  summaryTrendStats: ['min', 'med', 'p(90)', 'p(95)', 'p(99)', 'max'],
};
export default function () { http.get(__ENV.BASE_URL); }
"""

# In a file beside the journey's, so that its imports and files are found; users are made before setup().
READY = """\
import * as script from '%s';
export const options = script.options || {};
export function setup() { console.log('ready ' + Date.now()); return script.setup ? script.setup() : null; }
export default script.default;
"""


class Server:
    """An example that prints its address."""

    def __init__(self, path):
        self.process = subprocess.Popen(["taskset", "-c", SERVER_CORE, path, "0"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()


def memory_kib(pid, what):
    try:
        with open(f"/proc/{pid}/status") as status:
            return next((int(line.split()[1]) for line in status if line.startswith(what)), 0)
    except OSError:
        return 0


class Run:
    """A generator on its core, from its start to its end."""

    def __init__(self, argv, meanwhile=None, watch=0.02):
        self.rss, self.peak, self.began = [], 0, time.time()
        output = tempfile.TemporaryFile("w+")
        process = subprocess.Popen(["taskset", "-c", GENERATOR_CORE, *argv], stdout=output, stderr=subprocess.STDOUT)
        if meanwhile:
            threading.Thread(target=meanwhile, args=(process,), daemon=True).start()
        while True:
            pid, status, usage = os.wait4(process.pid, os.WNOHANG)
            if pid:
                break
            self.peak = max(self.peak, memory_kib(process.pid, "VmHWM"))
            self.rss.append((time.time() - self.began, memory_kib(process.pid, "VmRSS")))
            time.sleep(watch)
        process.returncode = os.waitstatus_to_exitcode(status)
        self.wall, self.cpu, self.code = time.time() - self.began, usage.ru_utime + usage.ru_stime, process.returncode
        output.seek(0)
        self.output = output.read()


class Ours:
    def __init__(self, binary):
        self.binary, self.folder = binary, Path(tempfile.mkdtemp(prefix="bench-load-"))

    def run(self, script, *options, env=None, **more):
        """The run and what `--summary-export` tells of its metrics. A script is a text or a path."""
        path = script
        if not isinstance(script, Path):
            path = self.folder / "script.js"
            path.write_text(script)
        export = self.folder / "summary.json"
        export.unlink(missing_ok=True)
        given = [part for name, value in (env or {}).items() for part in ("-e", f"{name}={value}")]
        run = Run([self.binary, "load", str(path), "--summary-export", str(export), *options, *given], **more)
        if run.code != 0 or not export.exists():
            sys.exit(f"{path} ended with {run.code}:\n{run.output}")
        return run, json.loads(export.read_text())["metrics"]


def oha(binary, url, users, seconds):
    run = Run([binary, "-c", str(users), "-z", f"{seconds}s", "--no-tui", url])
    found = re.search(r"Requests/sec:\s*([\d.]+)", run.output)
    if run.code != 0 or not found:
        sys.exit(f"oha ended with {run.code}:\n{run.output}")
    return float(found[1]), run


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def head(*cells):
    print()
    row(*cells)
    print("|" + "---|" * len(cells))


def throughput(ours, peer, server, args):
    """Gives the most requests per second that we made."""
    head("users", "oha", "its CPU per request", "chaos load", "its CPU per request", "share of oha", "share by CPU time")
    most = 0
    for users in (10, 100, 1000):
        theirs, own = [], []
        for _ in range(args.times):
            rate, run = oha(peer, server.url, users, args.seconds)
            theirs.append((rate, run.cpu / (rate * args.seconds)))
            run, metrics = ours.run(SIMPLE, "--vus", str(users), "--duration", f"{args.seconds}s", env={"BASE_URL": server.url})
            count = metrics["http_reqs"]["count"]
            assert metrics["checks"]["fails"] == 0 and metrics["checks"]["passes"] == count
            own.append((metrics["http_reqs"]["rate"], run.cpu / count))
        (rate, cost), (our_rate, our_cost) = ([statistics.median(side) for side in zip(*runs)] for runs in (theirs, own))
        most = max(most, our_rate)
        row(users, f"{rate:,.0f}/s", f"{cost * 1e6:.1f} µs", f"{our_rate:,.0f}/s", f"{our_cost * 1e6:.1f} µs",
            f"{our_rate / rate:.0%}", f"{cost / our_cost:.0%}")
    return most


def idle(ours, server):
    peaks = {}
    for users in (1, 1000):
        run, _ = ours.run(IDLE, "--vus", str(users), "--duration", "5s", env={"BASE_URL": server.url})
        peaks[users] = run.peak
    head("idle users (one request, then asleep)", "peak memory", "each user beyond the first")
    row(1, f"{peaks[1] / 1024:.1f} MiB", "")
    row(1000, f"{peaks[1000] / 1024:.1f} MiB", f"{(peaks[1000] - peaks[1]) / 999:.0f} KiB")


def start(ours, name, script, options, env):
    """Until `setup()`, which runs when all users are there; and the peak of the whole run."""
    path = ours.folder / "script-inner.js"
    if isinstance(script, Path):
        path = script
    else:
        path.write_text(script)
    run, metrics = ours.run(READY % path, "--vus", "1000", *options, env=env)
    ready = int(re.search(r"ready (\d+)", run.output)[1]) / 1000
    row(name, f"{ready - run.began:.2f} s", f"{metrics['http_reqs']['count']:,}", f"{run.peak / 1024:.0f} MiB")


def held(ours, server, rate, args):
    planned = rate * args.seconds
    env = {"BASE_URL": server.url, "RATE": rate, "SECONDS": args.seconds, "USERS": 200}
    run, metrics = ours.run(ARRIVALS, env=env)
    made = metrics["iterations"]["count"]
    dropped = metrics.get("dropped_iterations", {}).get("count", 0)
    duration = metrics["http_req_duration"]
    row(f"{rate:,}/s", f"{planned:,}", f"{made:,}", f"{made / planned - 1:+.2%}", f"{dropped:,}",
        f"{duration['med']:.2f} ms", f"{duration['p(99)']:.1f} ms")


def stalled(ours, server, name, meanwhile):
    """Ten seconds of which one is a stall: a tenth of all iterations wait, from no time at all to a second."""
    env = {"BASE_URL": server.url, "RATE": 500, "SECONDS": 10, "USERS": 700}
    _, metrics = ours.run(ARRIVALS, env=env, meanwhile=meanwhile)
    duration = metrics["iteration_duration"]
    row(name, f"{metrics['iterations']['count']:,}", *(f"{duration[stat]:,.0f} ms" for stat in ("med", "p(90)", "p(95)", "p(99)", "max")))


def stall_server(server):
    def later(_):
        time.sleep(5)
        urllib.request.urlopen(f"{server.url}/_stall?1000").read()
    return later


def stall_generator(process):
    time.sleep(5)
    process.send_signal(signal.SIGSTOP)
    time.sleep(1)
    process.send_signal(signal.SIGCONT)


def soak(ours, comments, seconds):
    env = {"COMMENTS_URL": comments.url, "JOURNEY_THINK_SECONDS": "0.1"}
    run, metrics = ours.run(JOURNEY, "--vus", "50", "--duration", f"{seconds}s", env=env, watch=1)
    starts = [0, seconds * 2 // 10, seconds * 4 // 10, seconds * 6 // 10, seconds * 8 // 10, max(0, seconds - 60)]
    means = [statistics.mean(rss for at, rss in run.rss if start <= at < start + 60) / 1024 for start in starts]
    head("50 users on the journey", "requests", *(f"mean from {start} s on" for start in starts), "peak")
    row(f"{seconds} s", f"{metrics['http_reqs']['count']:,}", *(f"{mean:.1f} MiB" for mean in means), f"{run.peak / 1024:.1f} MiB")


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ours", required=True, help="chaos")
    ap.add_argument("--oha", required=True)
    ap.add_argument("--examples", default="target/release/examples", help="the folder of bench_server and comments_server")
    ap.add_argument("--times", type=int, default=3, help="runs of which the median counts")
    ap.add_argument("--seconds", type=int, default=10, help="length of one run")
    ap.add_argument("--soak", type=int, default=600, help="seconds of the long run; 0 leaves it out")
    ap.add_argument("--only", choices=["throughput", "memory", "arrivals", "soak"])
    args = ap.parse_args()
    ours, examples = Ours(os.path.abspath(args.ours)), os.path.abspath(args.examples)
    wanted = {args.only} if args.only else {"throughput", "memory", "arrivals", "soak"}
    with Server(f"{examples}/bench_server") as server, Server(f"{examples}/comments_server") as comments:
        most = throughput(ours, os.path.abspath(args.oha), server, args) if wanted & {"throughput", "arrivals"} else 0
        if "memory" in wanted:
            idle(ours, server)
            head("1,000 users", "until all are ready", "requests", "peak memory of the run")
            start(ours, "one request each", SIMPLE, ["--iterations", "1000"], {"BASE_URL": server.url})
            start(ours, "journey.js for 20 s", JOURNEY, ["--duration", "20s"],
                  {"COMMENTS_URL": comments.url, "JOURNEY_MAX_P95_MS": 60000})
        if "arrivals" in wanted:
            head("asked rate", "planned", "begun and ended", "off by", "dropped", "med", "p(99)")
            for share in (0.05, 0.25, 0.5):
                held(ours, server, round(most * share / 10) * 10, args)
            head("500/s for 10 s", "iterations", "med", "p(90)", "p(95)", "p(99)", "max")
            stalled(ours, server, "undisturbed", None)
            stalled(ours, server, "the server stalls for 1 s", stall_server(server))
            stalled(ours, server, "the generator is stopped for 1 s", stall_generator)
        if args.soak and "soak" in wanted:
            soak(ours, comments, args.soak)


if __name__ == "__main__":
    sys.exit(main())
