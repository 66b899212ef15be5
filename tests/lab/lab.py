"""Starts and ends a chaos-lab for the checks in this folder."""

import copy
import json
import os
import signal
import subprocess
import threading
import time
import urllib.request

READY = "# the lab is ready"


class Lab:
    """A lab on free ports, for a `with` block."""

    def __init__(self, binary, *options):
        self.binary = os.path.abspath(binary)
        self.options = options
        self.clients = {}
        self.making = threading.Lock()

    def __enter__(self):
        command = [self.binary, "up", "--port", "0", "--toxiproxy-port", "0", *map(str, self.options)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.environment = {}
        for line in self.process.stdout:
            if line.startswith("export "):
                name, value = line[len("export "):].strip().split("=", 1)
                self.environment[name] = value
            elif line.startswith("# application"):
                self.web = line.split()[-1]
            elif line.startswith("# status page"):
                self.status_page = line.split()[-1]
            elif line.startswith("# files"):
                self.files = line.split()[-1]
            elif line.startswith("# end it"):
                return self
        raise RuntimeError(f"the lab ended with {self.process.wait()}")

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)
        self.process.stdout.close()

    def env(self, **more):
        """The environment of a client of this lab."""
        names = ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE")
        inherited = {name: value for name, value in os.environ.items() if name not in names}
        return {**inherited, **self.environment, **more}

    def as_root(self):
        """The same lab, for one whom no policy binds."""
        other = copy.copy(self)
        other.environment = {**self.environment, "AWS_ACCESS_KEY_ID": "root"}
        other.clients = {}
        return other

    def client(self, service):
        """The boto3 client of this lab for a service; the same one each time, as making one is slow."""
        import boto3

        with self.making:  # boto3 makes one client at a time
            if service not in self.clients:
                self.clients[service] = boto3.client(
                    service,
                    endpoint_url=self.environment["AWS_ENDPOINT_URL"],
                    region_name=self.environment["AWS_REGION"],
                    aws_access_key_id=self.environment["AWS_ACCESS_KEY_ID"],
                    aws_secret_access_key=self.environment["AWS_SECRET_ACCESS_KEY"],
                )
            return self.clients[service]

    def status(self):
        """What the status page shows, as JSON."""
        with urllib.request.urlopen(self.status_page + "/status.json", timeout=10) as answer:
            return json.load(answer)

    def is_whole(self, alarms=True):
        """All tasks behind healthy targets, the database available, and no alarm, where alarms count."""
        seen = self.status()
        tasks = all(
            service["running"] == service["desired"]
            and sum(target["state"] == "healthy" for target in service["targets"]) == service["desired"]
            for service in seen["services"]
        )
        databases = all(database["status"] == "available" for database in seen["databases"])
        quiet = all(alarm["state"] != "ALARM" for alarm in seen["alarms"])
        return tasks and databases and (quiet or not alarms)

    def settle(self, alarms=True, seconds=120):
        """Waits until it is whole again."""
        wait_until(lambda: self.is_whole(alarms), seconds, "the lab to be whole again")


def wait_until(holds, seconds, what):
    """Polls a condition."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds} s for {what}")
        time.sleep(0.2)


def processes_of(lab_id):
    """The processes whose environment names this lab's id."""
    found = []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/environ", "rb") as environ:
                if f"CHAOS_LAB_ID={lab_id}\0".encode() in environ.read():
                    found.append(int(entry))
        except OSError:
            continue
    return found
