"""Stands in for the starter pack's module, which is not on PyPI, where the Python Chaos Toolkit runs our library."""

import time
import urllib.error
import urllib.request

from chaoslib.exceptions import ActivityFailed


def wait_for_service_active(url, timeout=60, status=200, configuration=None, secrets=None):
    """Calls an address until it answers with the status."""
    deadline = time.monotonic() + float(timeout)
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                code = answer.status
        except urllib.error.HTTPError as error:
            code = error.code
        except OSError:
            code = None
        if code == status:
            return True
        time.sleep(0.5)
    raise ActivityFailed(f"{url} did not answer with {status} within {timeout} s")
