"""Stands in for chaostoolkit-grafana's module, which is not on PyPI: one caller in place of k6's."""

import time
import urllib.error
import urllib.request


def _seconds(value):
    text = str(value).strip()
    for unit, factor in (("ms", 0.001), ("s", 1), ("m", 60)):
        if text.endswith(unit):
            return float(text[: -len(unit)]) * factor
    return float(text)


def http(
    endpoint, method="GET", status=200, body="", headers=None, vus=1, duration="", timeout="1s", debug=False,
):
    """Whether every answer had the status, within the time."""
    until = time.monotonic() + (_seconds(duration) if duration else 0)
    while True:
        request = urllib.request.Request(endpoint, method=method, data=body.encode() or None, headers=headers or {})
        try:
            with urllib.request.urlopen(request, timeout=_seconds(timeout)) as answer:
                code = answer.status
        except urllib.error.HTTPError as error:
            code = error.code
        except OSError:
            return False
        if code != int(status):
            return False
        if time.monotonic() >= until:
            return True
        time.sleep(0.1)
