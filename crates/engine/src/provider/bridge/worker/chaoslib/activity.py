"""Running an activity from within an extension, as safeguards do."""

import json
import subprocess
import urllib.error
import urllib.parse
import urllib.request

from chaoslib import decode_bytes, substitute
from chaoslib.exceptions import ActivityFailed, InvalidActivity

__all__ = ["ensure_activity_is_valid", "run_activity"]


def ensure_activity_is_valid(activity):
    """Raises InvalidActivity for one that cannot be run; a reference is not looked up."""
    if not activity:
        raise InvalidActivity("this activity is empty")
    if activity.get("ref"):
        return
    name = activity.get("name")
    if not name:
        raise InvalidActivity("this activity has no name: {}".format(activity))
    if activity.get("type") not in ("probe", "action"):
        raise InvalidActivity("the type of the activity {!r} must be probe or action".format(name))
    if (activity.get("provider") or {}).get("type") not in PROVIDERS:
        raise InvalidActivity("the provider of the activity {!r} must be python, process or http".format(name))


def run_activity(activity, configuration, secrets):
    """The output of the activity; ActivityFailed when it fails."""
    provider = activity["provider"]
    arguments = provider.get("arguments") or {}
    if configuration or secrets:
        arguments = substitute(arguments, configuration, secrets)
    return PROVIDERS[provider["type"]](provider, arguments, configuration or {}, secrets or {})


def run_python(provider, arguments, configuration, secrets):
    import importlib
    import inspect

    function = getattr(importlib.import_module(provider["module"]), provider["func"])
    parameters = inspect.signature(function).parameters
    arguments = dict(arguments)
    if "configuration" in parameters:
        arguments["configuration"] = dict(configuration)
    if "secrets" in parameters and "secrets" in provider:
        groups = [secrets.get(name, {}) for name in provider["secrets"]]
        arguments["secrets"] = {key: value for group in groups for key, value in group.items()}
    try:
        return function(**arguments)
    except ActivityFailed:
        raise
    except Exception as error:
        raise ActivityFailed("{}: {}".format(type(error).__name__, error)) from error


def run_process(provider, arguments, configuration, secrets):
    import os

    path = os.path.expanduser(provider["path"])
    command = [path] + words(arguments)
    if isinstance(arguments, str):
        command = path + " " + arguments
    try:
        done = subprocess.run(
            command, capture_output=True, timeout=provider.get("timeout"), shell=isinstance(arguments, str)
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ActivityFailed("{}: {}".format(provider["path"], error)) from error
    return {"status": done.returncode, "stdout": decode_bytes(done.stdout), "stderr": decode_bytes(done.stderr)}


def words(arguments):
    """Arguments of a process: empty ones are left out."""
    if isinstance(arguments, dict):
        arguments = [word for pair in arguments.items() for word in pair]
    return [str(word) for word in arguments if word not in (None, "")]


def run_http(provider, arguments, configuration, secrets):
    url = substitute(provider["url"], configuration, secrets)
    headers = substitute(provider.get("headers") or {}, configuration, secrets)
    method = provider.get("method", "GET").upper()
    body = None
    if method == "GET" and arguments:
        url += ("&" if "?" in url else "?") + urllib.parse.urlencode(arguments, doseq=True)
    elif arguments and headers.get("Content-Type") == "application/json":
        body = json.dumps(arguments).encode("utf-8")
    elif arguments:
        body = (arguments if isinstance(arguments, str) else urllib.parse.urlencode(arguments, doseq=True)).encode()
    request = urllib.request.Request(url, data=body, headers=headers, method=method)
    try:
        return answered(opened(request, provider))
    except OSError as error:
        raise ActivityFailed("failed to connect to {}: {}".format(url, error)) from error


def opened(request, provider):
    import ssl

    context = ssl.create_default_context()
    if not provider.get("verify_tls", True):
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    timeout = provider.get("timeout")
    timeout = timeout[-1] if isinstance(timeout, list) else timeout
    try:
        return urllib.request.urlopen(request, timeout=timeout, context=context)
    except urllib.error.HTTPError as response:
        return response


def answered(response):
    with response:
        text = decode_bytes(response.read())
        headers = dict(response.headers.items())
        is_json = response.headers.get("Content-Type") == "application/json"
        return {"status": response.status, "headers": headers, "body": json.loads(text) if is_json else text}


PROVIDERS = {"python": run_python, "process": run_process, "http": run_http}
