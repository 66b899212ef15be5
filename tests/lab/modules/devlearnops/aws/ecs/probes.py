"""Stands in for the starter pack's module, which is not on PyPI, where the Python Chaos Toolkit runs our library."""

import time

from chaosaws import aws_client
from chaoslib.exceptions import ActivityFailed


def wait_for_service_attribute(cluster, service, attribute, expected, timeout=60, configuration=None, secrets=None):
    """Waits until an attribute of an ECS service has a value."""
    client = aws_client("ecs", configuration, secrets)
    pause = float((configuration or {}).get("chaos_poll_interval", 20))
    deadline = time.monotonic() + float(timeout)
    while True:
        found = client.describe_services(cluster=cluster, services=[service])["services"][0]
        if found[attribute] == expected:
            return True
        if time.monotonic() + pause > deadline:
            raise ActivityFailed(f"{attribute} of {service} is {found[attribute]}, not {expected}, after {timeout} s")
        time.sleep(pause)


def wait_for_service_stable(cluster, service, delay=60, max_attempts=30, configuration=None, secrets=None):
    """Waits until a service has one deployment and runs all of its tasks."""
    client = aws_client("ecs", configuration, secrets)
    pause = float((configuration or {}).get("chaos_poll_interval", delay))
    client.get_waiter("services_stable").wait(
        cluster=cluster, services=[service], WaiterConfig={"Delay": pause, "MaxAttempts": int(max_attempts)}
    )
    return True
