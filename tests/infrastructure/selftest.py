#!/usr/bin/env python3
"""Plants each mistake of mistakes.py in a copy of fixture/ and expects it to be found where it is, and nothing in a
copy without mistakes."""

import argparse
import shutil
import sys
import tempfile
from pathlib import Path

import check
from mistakes import TABLE
from tf.schema import MissingWheel, Schemas

FIXTURE = Path(__file__).with_name("fixture")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wheels", type=Path, required=True, help="folder with the wheels of providers.txt")
    parser.add_argument("--only", default="", help="only mistakes with this in their names")
    options = parser.parse_args()
    schemas = Schemas(options.wheels)
    chosen = [mistake for mistake in TABLE if options.only in mistake.name]
    try:
        faults = {mistake.name: fault for mistake in chosen if (fault := try_out(mistake, schemas))}
        untouched = findings_in(FIXTURE, schemas)
    except MissingWheel as missing:
        parser.error(str(missing))
    if untouched:
        faults["the fixture as it is"] = "\n".join(map(str, untouched))
    for name, fault in faults.items():
        print(f"{name}: {fault}")
    print(f"{len(chosen) + 1 - len(faults)} passed, {len(faults)} failed")
    return 1 if faults or not chosen else 0


def try_out(mistake, schemas):
    """What is wrong with how a mistake is found, or None."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder).resolve() / "fixture"
        shutil.copytree(FIXTURE, copy)
        path = copy / mistake.file
        text = path.read_text()
        if text.count(mistake.old) != 1:
            return f"`{mistake.old}` is in {mistake.file} {text.count(mistake.old)} times, and not once"
        path.write_text(text.replace(mistake.old, mistake.new))
        found = findings_in(copy, schemas)
        wanted = copy / (mistake.found_in or mistake.file)
        line = line_of(wanted.read_text(), mistake.at or changed(mistake))
    here = [finding for finding in found if Path(finding.file).resolve() == wanted and finding.line == line]
    if any(mistake.says in finding.message for finding in here):
        return None
    told = "".join(f"\n    {finding.line}: {finding.message}" for finding in found) or " nothing"
    return f"wanted `{mistake.says}` at {wanted.name}:{line}, found:{told}"


def changed(mistake):
    """The replacement, from the first line that is not as before."""
    old, new = mistake.old.split("\n"), mistake.new.split("\n")
    same = next((at for at, (one, other) in enumerate(zip(old, new)) if one != other), 0)
    return "\n".join(new[same:])


def line_of(text, part):
    return text.count("\n", 0, text.index(part)) + 1


def findings_in(folder, schemas):
    return list(check.check([folder], schemas)[1])


if __name__ == "__main__":
    sys.exit(main())
