"""What record.py and compare.py share: finding the scripts, running one, and reading what it said.

A test is a script NAME.js with NAME.json beside it; a script without one is a module that others import.

NAME.json:
  run       written by hand:
    arguments  further arguments of the command line
    env        further environment variables, passed with -e (BASE_URL and SECURE_URL always are)
    error      a pattern that one logged error has to match, in k6's output and in ours
    order      "any" when virtual users race, so that console lines are compared as a set
    ignore     names of metrics, or "log", "files", "stdout", "console", that are not compared
    within     {"metric.member": [low, high]} for numbers that depend on time
    k6         why the real k6 is not run; `ours` is all there is
    differs    why our engine is meant to behave in another way; what is listed in `ours` replaces `expected`
    ours       see differs
  expected  written by record.py from what the real k6 did:
    exit, console ("level text"), log (k6's own warnings and errors: level, text without the stack, place in the script),
    metrics, checks (path: [passes, fails]), groups, thresholds (metric: {expression: crossed?}), stdout, files
"""
import json
import os
import pathlib
import re
import shlex
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent
NOT_COMPARED = re.compile(r"^(vus|vus_max|data_sent|data_received)$")
TIMES = re.compile(r"^(http_req_(duration|blocked|connecting|tls_handshaking|sending|waiting|receiving)|iteration_duration|group_duration)\b")
PLACE = re.compile(r"([\w.-]+\.(?:js|json|ts|txt)):(\d+)(?::(\d+))?")


def tests(patterns):
    """Paths of all scripts with an expectation, or of those whose name holds one of the patterns."""
    found = sorted(p.with_suffix(".js") for p in ROOT.rglob("*.json") if p.with_suffix(".js").exists())
    return [p for p in found if not patterns or any(x in name(p) for x in patterns)]


def name(script):
    return str(script.relative_to(ROOT).with_suffix(""))


def read(script):
    return json.loads(script.with_suffix(".json").read_text())


def run(command, script, spec, server, plain=False, timeout=90):
    """Runs a script once and returns what it did in the shape of `expected`."""
    script = pathlib.Path(script)
    with tempfile.TemporaryDirectory() as folder:
        export = pathlib.Path(folder, ".summary.json")
        env = {"BASE_URL": server, "SECURE_URL": secure(server), **spec.get("env", {})}
        arguments = [*shlex.split(command), "--quiet", "--summary-export", str(export)]
        if not plain:
            arguments += ["--log-format", "json", "--no-color", "--no-usage-report"]
        for key, value in env.items():
            arguments += ["-e", f"{key}={value}"]
        arguments += [*spec.get("arguments", []), str(script)]
        base = {k: os.environ[k] for k in ("PATH", "HOME", "LANG", "USER") if k in os.environ}
        base["K6_AUTO_EXTENSION_RESOLUTION"] = "false"
        try:
            done = subprocess.run(arguments, cwd=folder, env=base, stdin=subprocess.DEVNULL, capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            return {"exit": "timeout"}
        clean = cleaner(script, server)
        out, err = (clean(x.decode("utf-8", "replace")) for x in (done.stdout, done.stderr))
        console, log = plain_log(out, err) if plain else json_log(err)
        result = {"exit": done.returncode, "console": console, "log": log}
        if export.exists():
            result.update(summary(json.loads(export.read_text()), clean))
            export.unlink()
        source = script.read_text()
        if "handleSummary" in source:
            result["stdout"] = out
            result["files"] = {str(p.relative_to(folder)): clean(p.read_text("utf-8", "replace")) for p in sorted(pathlib.Path(folder).rglob("*")) if p.is_file()}
        return json.loads(json.dumps(result, sort_keys=True))


def secure(server):
    """The test server speaks TLS on the next port."""
    host, port = server.split("//")[1].split(":")
    return f"https://{host}:{int(port) + 1}"


def cleaner(script, server):
    tls = secure(server)
    host = server.split("//")[1]
    port = host.split(":")[-1]

    def clean(text):
        text = text.replace(tls, "$SECURE_URL").replace(tls.split("//")[1], "$SECURE_HOST")
        text = text.replace(server, "$BASE_URL").replace(host, "$HOST")
        text = re.sub(rf"(127\.0\.0\.1|localhost):{port}\b", r"\1:$PORT", text)
        text = re.sub(r"127\.0\.0\.1:\d{4,5}(-(?:>|\\u003e))", r"127.0.0.1:$LOCAL\1", text)
        return text.replace(str(script.parent), "$DIR").replace(str(ROOT), "$ROOT")
    return clean


def json_log(text):
    console, log = [], []
    for line in text.splitlines():
        try:
            entry = json.loads(line)
        except ValueError:
            log += plain_log("", line)[1]
            continue
        level, message = entry.get("level"), entry.get("msg", "")
        if entry.get("source") == "console":
            console.append(f"{level} {message}")
        elif level in ("warning", "error", "fatal"):
            log.append(shown(level, message + (": " + str(entry["error"]) if "error" in entry else "")))
    return console, log


LOGFMT = re.compile(r'level=(\w+)(?: msg=("(?:[^"\\]|\\.)*"|\S*))?(.*)$')
TTY = re.compile(r"^(DEBU|INFO|WARN|ERRO)\[\d+\] (.*?)\s*((?:\s\w+=(?:\"[^\"]*\"|\S+))*)$")
LEVELS = {"DEBU": "debug", "INFO": "info", "WARN": "warning", "ERRO": "error", "warn": "warning"}


def plain_log(out, err):
    """Reads the log of a program that writes as k6 does without a terminal, or with one."""
    console, log = [], []
    for line in err.splitlines():
        if match := LOGFMT.search(line):
            level, message, rest = match.groups()
            message = json.loads(message) if (message or "").startswith('"') else message or ""
        elif match := TTY.search(line):
            level, message, rest = match.groups()
        else:
            log.append(shown("raw", line))
            continue
        level = LEVELS.get(level, level)
        if "source=console" in rest:
            console.append(f"{level} {message}")
        elif level in ("warning", "error", "fatal"):
            attributes = re.search(r'error=("(?:[^"\\]|\\.)*"|\S+)', rest)
            log.append(shown(level, message + (": " + attributes.group(1).strip('"') if attributes else "")))
    return console, log


def shown(level, message):
    """One logged line: its level, its text without the stack, and the first place in a script that it names."""
    place = PLACE.search(message)
    lines = message.strip().split("\n")
    return {"level": level, "text": lines[0] if place else " ".join(lines), **({"at": f"{place.group(1)}:{place.group(2)}"} if place else {}), "_all": message}


def summary(data, clean):
    metrics, thresholds, checks, groups = {}, {}, {}, []
    for key, values in data.get("metrics", {}).items():
        key = clean(key)
        if NOT_COMPARED.match(key):
            continue
        values = dict(values)
        if "thresholds" in values:
            thresholds[key] = values.pop("thresholds")
        if "count" in values:
            values.pop("rate", None)
        metrics[key] = {} if TIMES.match(key) else values

    def walk(group):
        if group["path"]:
            groups.append(group["path"])
        for check in group["checks"].values():
            checks[clean(check["path"])] = [check["passes"], check["fails"]]
        for child in group["groups"].values():
            walk(child)
    if "root_group" in data:
        walk(data["root_group"])
    return {"metrics": metrics, "checks": checks, "groups": sorted(groups), "thresholds": thresholds}
