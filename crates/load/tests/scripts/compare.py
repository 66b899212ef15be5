"""Runs our engine on the corpus and prints what differs from what the real k6 did.

usage: compare.py --ours "path/to/chaos load" [--server URL] [--wording] [PART-OF-A-NAME …]

The server is crates/load/examples/test_server.rs. Compared are the exit code, console lines, counts, values of metrics,
checks, groups, thresholds, what handleSummary wrote, and that each error names the same line of the same script. The
wording of errors is ours; with --wording it is compared as well.
"""
import argparse
import concurrent.futures
import math
import re
import sys

import corpus


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True)
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--wording", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        scripts = corpus.tests(options.names)
        failed = 0
        for script, differences in zip(scripts, pool.map(lambda s: compare(s, options), scripts)):
            failed += bool(differences)
            for difference in differences:
                print(f"{corpus.name(script)}: {difference}")
    print(f"{len(scripts) - failed} of {len(scripts)} scripts do the same")
    sys.exit(failed > 0)


def compare(script, options):
    document = corpus.read(script)
    spec = document["run"]
    expected = {**document["expected"], **spec.get("ours", {})}
    found = corpus.run(options.ours, script, spec, options.server, plain=True)
    return list(differences(expected, found, spec, options.wording))


def differences(expected, found, spec, wording):
    ignored = spec.get("ignore", [])
    if expected.get("exit") is not None and found["exit"] != expected["exit"]:
        yield f"exit code {found['exit']}, expected {expected['exit']}; {texts(found.get('log', []))[:3]}"
    if found["exit"] == "timeout":
        return
    if "console" in expected and "console" not in ignored:
        show = str if wording else without_wording
        yield from lines([show(x) for x in expected["console"]], [show(x) for x in found["console"]], spec.get("order") == "any")
    if "log" not in ignored and "k6" not in spec:
        yield from log(expected.get("log", []), found["log"], wording)
    if "error" in spec and not any(re.search(spec["error"], e["_all"]) for e in found["log"]):
        yield f"no error matches {spec['error']!r}: {texts(found['log'])}"
    for member in ("groups", "checks", "thresholds", "stdout", "files"):
        if member in expected and member not in ignored and found.get(member) != expected[member]:
            yield f"{member} {found.get(member)}, expected {expected[member]}"
    yield from metrics(expected.get("metrics", {}), found.get("metrics", {}), spec)


def without_wording(line):
    """Errors that scripts print are k6's and its engine's own words; that there is one counts."""
    line = re.sub(r"threw \w*Error(: .*?)?(?= threw |$)", "threw", line, flags=re.S)
    return re.sub(r"\bGoError\b", "Error", line)


def texts(log):
    return [e["text"] for e in log]


def lines(expected, found, any_order):
    if any_order:
        expected, found = sorted(expected), sorted(found)
    if found == expected:
        return
    for index in range(max(len(expected), len(found))):
        want = expected[index] if index < len(expected) else None
        got = found[index] if index < len(found) else None
        if want != got:
            yield f"console line {index + 1} is {got!r}, expected {want!r} ({len(found)} lines, expected {len(expected)})"
            return


def log(expected, found, wording):
    places = {(e["level"], e["at"]) for e in found if "at" in e}
    for entry in expected:
        if "at" in entry and (entry["level"], entry["at"]) not in places:
            yield f"no {entry['level']} at {entry['at']} ({entry['text']}): {texts(found)}"
        elif not any(e["level"] == entry["level"] for e in found):
            yield f"no {entry['level']} like {entry['text']!r}"
        elif wording and entry["text"] not in texts(found):
            yield f"no {entry['level']} {entry['text']!r}: {texts(found)}"


def metrics(expected, found, spec):
    for name, values in expected.items():
        if name not in found:
            yield f"no metric {name}"
            continue
        for member, value in values.items():
            if not close(found[name].get(member), value):
                yield f"{name}.{member} is {found[name].get(member)}, expected {value}"
    for name in found:
        if expected and name not in expected and name not in spec.get("ignore", []):
            yield f"a metric {name} that k6 has not"
    for path, (low, high) in spec.get("within", {}).items():
        name, member = path.rsplit(".", 1)
        value = found.get(name, {}).get(member)
        if value is None or not low <= value <= high:
            yield f"{path} is {value}, not within {low} and {high}"


def close(found, expected):
    """Percentiles come from histograms of three digits, so numbers are equal within a thousandth."""
    if not isinstance(found, (int, float)) or not isinstance(expected, (int, float)):
        return found == expected
    return math.isclose(found, expected, rel_tol=2e-3, abs_tol=1e-9)


if __name__ == "__main__":
    main()
