"""Tolerances, for extensions that check probes of their own."""

import re

from chaoslib import substitute
from chaoslib.activity import run_activity
from chaoslib.exceptions import ActivityFailed, InvalidActivity

__all__ = ["ensure_hypothesis_tolerance_is_valid", "within_tolerance"]
KINDS = ("probe", "regex", "range", "jsonpath")


def ensure_hypothesis_tolerance_is_valid(tolerance):
    if isinstance(tolerance, dict):
        if tolerance.get("type") not in KINDS:
            raise InvalidActivity("the tolerance type {!r} is none of {}".format(tolerance.get("type"), ", ".join(KINDS)))
    elif not isinstance(tolerance, (bool, int, str, list, tuple)):
        raise InvalidActivity("{!r} is no tolerance: use a number, a text, a list or a mapping".format(tolerance))


def within_tolerance(tolerance, value, configuration=None, secrets=None):
    """True when `value` is what the tolerance asks for."""
    if isinstance(tolerance, dict):
        return met(tolerance, value, configuration, secrets)
    if isinstance(tolerance, bool):
        return value == tolerance
    status = value["status"] if isinstance(value, dict) and "status" in value else value
    if isinstance(tolerance, str):
        return value == substitute(tolerance, configuration, secrets)
    if isinstance(tolerance, int):
        return status == tolerance
    if isinstance(tolerance, (list, tuple)):
        if status is value and len(tolerance) == 2:
            return tolerance[0] <= value <= tolerance[1]
        return status in tolerance
    return False


def met(tolerance, value, configuration, secrets):
    kind = tolerance.get("type")
    if kind == "probe":
        return accepted(tolerance, value, configuration, secrets)
    if "target" in tolerance and isinstance(value, dict):
        value = value.get(tolerance["target"], value)
    if kind == "regex":
        return re.search(substitute(tolerance["pattern"], configuration, secrets), value) is not None
    if kind == "range":
        low, high = tolerance["range"]
        return low <= (float(value) if isinstance(value, str) else value) <= high
    raise InvalidActivity("tolerances of type {!r} need the package chaostoolkit-lib here".format(kind))


def accepted(tolerance, value, configuration, secrets):
    provider = dict(tolerance["provider"], arguments=dict(tolerance["provider"].get("arguments") or {}, value=value))
    try:
        return bool(run_activity(dict(tolerance, provider=provider), configuration, secrets))
    except ActivityFailed:
        return False
