#!/usr/bin/env python3
"""Measures AWS activities of our `chaos` beside chaostoolkit-aws, in one run, against one mock with 20 ms latency.

    pip install chaostoolkit==1.19.0 chaostoolkit-lib==1.44.0 chaostoolkit-aws==0.35.1    # in a virtual environment
    python3 benches/aws.py --ours target/release/chaos --peer VENV/bin/chaos

Prints the AWS tables of docs/benchmarks.md. CPU time is that of the process and all its children; memory is the peak
of the process itself.
"""
import argparse
import asyncio
import json
import os
import statistics
import sys
import threading
import urllib.parse
from pathlib import Path

import compare

LATENCY = 0.02
TASKS = [f"arn:aws:ecs:us-east-1:123456789012:task/shop/{n:032x}" for n in range(1000)]
INSTANCES = [f"i-{n:017x}" for n in range(1000)]


class Mock:
    """As much of ECS and EC2 as the measured activities call; every answer takes LATENCY."""

    def __init__(self):
        self.calls = {}
        self.loop = asyncio.new_event_loop()
        started = threading.Event()
        threading.Thread(target=self.serve, args=(started,), daemon=True).start()
        started.wait()

    def serve(self, started):
        async def listen():
            server = await asyncio.start_server(self.connection, "127.0.0.1", 0, backlog=512)
            self.port = server.sockets[0].getsockname()[1]
            started.set()
            await server.serve_forever()

        self.loop.run_until_complete(listen())

    async def connection(self, reader, writer):
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                headers = {}
                for line in head.decode().split("\r\n")[1:]:
                    name, _, value = line.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                await asyncio.sleep(LATENCY)
                kind, answer = self.answer(headers, body)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s"
                             % (kind.encode(), len(answer), answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, headers, body):
        if target := headers.get("x-amz-target"):
            operation = target.split(".")[1]
            self.count(operation)
            return "application/x-amz-json-1.1", json.dumps(self.ecs(operation, json.loads(body))).encode()
        form = dict(urllib.parse.parse_qsl(body.decode()))
        operation = form["Action"]
        self.count(operation)
        xml = f"<{operation}Response><requestId>r</requestId>{self.ec2(operation, form)}</{operation}Response>"
        return "text/xml", xml.encode()

    def count(self, operation):
        self.calls[operation] = self.calls.get(operation, 0) + 1

    def ecs(self, operation, request):
        if operation == "ListTasks":
            start = int(request.get("nextToken") or 0)
            page = {"taskArns": TASKS[start:start + 100]}
            if start + 100 < len(TASKS):
                page["nextToken"] = str(start + 100)
            return page
        if operation == "StopTask":
            return {"task": {"taskArn": request["task"], "desiredStatus": "STOPPED"}}
        if operation == "DescribeClusters":
            return {"clusters": [{"clusterName": "shop", "status": "ACTIVE", "runningTasksCount": len(TASKS)}]}
        if operation == "DescribeServices":
            return {"services": [{"serviceName": "web", "desiredCount": 3, "runningCount": 3, "status": "ACTIVE"}]}
        raise ValueError(operation)

    def ec2(self, operation, form):
        if operation == "DescribeInstances":
            wanted = [value for key, value in form.items() if key.startswith("InstanceId.")] or INSTANCES
            rows = "".join(
                f"<item><instanceId>{i}</instanceId><instanceState><name>running</name></instanceState>"
                f"<blockDeviceMapping><item><deviceName>/dev/sdf</deviceName><ebs><volumeId>vol-{i[2:]}</volumeId></ebs>"
                "</item></blockDeviceMapping></item>" for i in wanted)
            return f"<reservationSet><item><instancesSet>{rows}</instancesSet></item></reservationSet>"
        if operation == "TerminateInstances":
            ids = [value for key, value in form.items() if key.startswith("InstanceId.")]
            rows = "".join(f"<item><instanceId>{i}</instanceId></item>" for i in ids)
            return f"<instancesSet>{rows}</instancesSet>"
        if operation == "DetachVolume":
            return f"<volumeId>{form['VolumeId']}</volumeId><status>detaching</status>"
        return "<return>true</return>"


def experiment(kind, module, function, arguments):
    provider = {"type": "python", "module": module, "func": function, "arguments": arguments}
    return {"version": "1.0.0", "title": function, "description": "measured", "configuration": {"aws_region": "us-east-1"},
            "method": [{"type": kind, "name": function, "provider": provider}]}


def measure(binary, document, times):
    runs = []
    for _ in range(times):
        folder, name = compare.prepared(document)
        cpu, peak, wall, code = compare.run([binary, "--no-version-check", "run", name], folder)
        record = json.loads(Path(folder, "journal.json").read_text())["run"][0]
        assert code == 0 and record["status"] == "succeeded", record
        runs.append((cpu, peak, wall, record["duration"]))
    return [statistics.median(column) for column in zip(*runs)]


MANY = [
    ("stop_random_tasks, 200 of 1,000 tasks", "StopTask", 200, "chaosaws.ecs.actions", "stop_random_tasks",
     {"cluster": "shop", "task_count": 200}),
    ("detach_random_volume, 200 instances", "DetachVolume", 200, "chaosaws.ec2.actions", "detach_random_volume",
     {"instance_ids": INSTANCES[:200]}),
    ("terminate_instances, 500 instances in one call", "TerminateInstances", 1, "chaosaws.ec2.actions",
     "terminate_instances", {"instance_ids": INSTANCES[:500]}),
    ("stop_random_tasks, all of 1,000 tasks", "StopTask", 1000, "chaosaws.ecs.actions", "stop_random_tasks",
     {"cluster": "shop", "task_percent": 100}),
]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--ours", required=True)
    ap.add_argument("--peer", required=True)
    ap.add_argument("--times", type=int, default=9)
    args = ap.parse_args()
    mock = Mock()
    os.environ.update({"AWS_ENDPOINT_URL": f"http://127.0.0.1:{mock.port}", "AWS_ACCESS_KEY_ID": "testing",
                       "AWS_SECRET_ACCESS_KEY": "testing", "AWS_EC2_METADATA_DISABLED": "true"})
    binaries = {"Chaos Toolkit": os.path.abspath(args.peer), "chaos": os.path.abspath(args.ours)}
    probe = experiment("probe", "chaosaws.ecs.probes", "are_all_desired_tasks_running",
                       {"cluster": "shop", "service": "web"})
    print("| one ECS probe | CPU | ratio | peak memory | ratio |\n|---|---|---|---|---|")
    base = None
    for name, binary in binaries.items():
        cpu, peak, *_ = measure(binary, probe, args.times)
        base = base or (cpu, peak)
        print(f"| {name} | {cpu * 1000:.1f} ms | 1/{base[0] / cpu:.0f} | {peak / 1024:.1f} MiB | 1/{base[1] / peak:.1f} |")
    print("\n| activity | Chaos Toolkit | chaos | times faster |\n|---|---|---|---|")
    for title, operation, calls, module, function, arguments in MANY:
        document, took = experiment("action", module, function, arguments), []
        for binary in binaries.values():
            mock.calls.clear()
            took.append(measure(binary, document, 1)[3])
            assert mock.calls[operation] == calls, mock.calls
        print(f"| {title} | {took[0]:.2f} s | {took[1]:.2f} s | {took[0] / took[1]:.1f} |")
    ours = binaries["chaos"]
    version = statistics.median(compare.run([ours, "--version"], ".")[0] for _ in range(args.times))
    print(f"\n`chaos --version`: {version * 1000:.1f} ms of CPU time; size of `chaos`: "
          f"{os.path.getsize(ours) / 2**20:.1f} MiB")


if __name__ == "__main__":
    sys.exit(main())
