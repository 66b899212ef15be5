"""Writes the expectations of the corpus: runs every script with the real k6 and keeps what is the same each time.

usage: record.py [--k6 PATH] [--server URL] [--runs 3] [--check] [PART-OF-A-NAME …]

The server is crates/load/examples/test_server.rs. With --check nothing is written; differences are printed.
"""
import argparse
import concurrent.futures
import json
import re
import sys

import corpus


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--k6", default="k6")
    parser.add_argument("--server", default="http://127.0.0.1:8080")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--jobs", type=int, default=3)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    bad = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        scripts = corpus.tests(options.names)
        for script, (text, complaints) in zip(scripts, pool.map(lambda s: record(s, options), scripts)):
            path = script.with_suffix(".json")
            if options.check:
                if path.read_text() != text:
                    complaints.append("is not what is written")
            else:
                path.write_text(text)
            bad += bool(complaints)
            for complaint in complaints:
                print(f"{corpus.name(script)}: {complaint[:600]}")
    sys.exit(bad > 0)


def record(script, options):
    spec = corpus.read(script).get("run", {})
    if "k6" in spec:
        return compact(json.dumps({"run": spec, "expected": {}}, indent=2, ensure_ascii=False) + "\n"), []
    runs = [corpus.run(options.k6 + " run", script, spec, options.server) for _ in range(options.runs)]
    complaints = []
    expected = common(runs, spec, complaints)
    check_error(runs, spec, complaints)
    check_within(runs, spec, complaints)
    written = json.dumps({"run": spec, "expected": expected}, indent=2, ensure_ascii=False) + "\n"
    return compact(written), complaints


def common(runs, spec, complaints):
    first, ignored = runs[0], spec.get("ignore", [])
    expected = {}
    for member in ("exit", "groups", "checks", "thresholds", "stdout", "files"):
        if member not in first or member in ignored:
            continue
        if any(r.get(member) != first[member] for r in runs):
            complaints.append(f"{member} is not the same each time: {[r.get(member) for r in runs]}")
        elif first[member] not in ({}, []):
            expected[member] = first[member]
    if "console" not in ignored:
        lists = [sorted(r.get("console", [])) if spec.get("order") == "any" else r.get("console", []) for r in runs]
        if any(x != lists[0] for x in lists):
            complaints.append(f"console is not the same each time: {lists}")
        expected["console"] = lists[0]
    if "log" not in ignored:
        expected["log"] = log(runs, complaints)
    if "metrics" in first:
        expected["metrics"] = metrics(runs, spec)
    return expected


def log(runs, complaints):
    lists = []
    for r in runs:
        distinct = {json.dumps({k: v for k, v in e.items() if k != "_all"}): 0 for e in r.get("log", [])}
        lists.append(sorted(distinct))
    if any(x != lists[0] for x in lists):
        complaints.append(f"log is not the same each time: {lists}")
    return [json.loads(x) for x in lists[0]]


def metrics(runs, spec):
    result = {}
    for key, values in runs[0]["metrics"].items():
        if key in spec.get("ignore", []) or any(key not in r.get("metrics", {}) for r in runs):
            continue
        skip = {k for k in values if f"{key}.{k}" in spec.get("within", {})}
        result[key] = {k: v for k, v in values.items() if k not in skip and all(r["metrics"][key].get(k) == v for r in runs)}
    return dict(sorted(result.items()))


def check_error(runs, spec, complaints):
    """The pattern is ours, the text is k6's: a pattern that k6 does not meet is wishful thinking."""
    if "error" not in spec:
        return
    for r in runs:
        if not any(re.search(spec["error"], e["_all"]) for e in r.get("log", [])):
            complaints.append(f"no error matches {spec['error']!r}: {[e['_all'] for e in r.get('log', [])]}")
            return


def check_within(runs, spec, complaints):
    for path, (low, high) in spec.get("within", {}).items():
        metric, member = path.rsplit(".", 1)
        values = [r.get("metrics", {}).get(metric, {}).get(member) for r in runs]
        if any(v is None or not low <= v <= high for v in values):
            complaints.append(f"{path} is {values}, not within {low} and {high}")


def compact(text):
    """Puts small arrays and objects on one line."""
    return re.sub(r"[\[{]\n\s+[^\[\]{}]{0,120}?\n\s*[\]}]", lambda m: re.sub(r"\s*\n\s*", " ", m.group(0)), text)


if __name__ == "__main__":
    main()
