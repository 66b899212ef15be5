"""Programs that stand in for the AWS CLI and the container engines: they write down how they were called, and answer what a check wants."""

import json
import os
import shutil
import stat
import sys

DIGEST = "sha256:" + "d" * 64
OTHER_DIGEST = "sha256:" + "c" * 64
PASSWORD = "the-password-of-the-registry"
#: What push_to_ecr.sh may use beside them.
TOOLS = ("bash", "cat", "dirname", "env", "git", "grep", "head", "mktemp", "rm", "sed")


def answer_aws(arguments, answers):
    """What the AWS CLI would say: text and exit code."""
    words = [word for word in arguments if not word.startswith("-")]
    operation = " ".join(words[:2])
    defaults = {
        "sts get-caller-identity": "123456789012",
        "ecr describe-repositories": "MUTABLE",
        "ecr get-login-password": PASSWORD,
    }
    told = answers.get(operation, defaults.get(operation, ""))
    if told is None:
        return "", 1
    if told.startswith("error: "):
        print(told[len("error: "):], file=sys.stderr)
        return "", 254
    return told, 0


def act_engine(arguments):
    """Leaves behind what an engine leaves."""
    if "--digestfile" in arguments:
        with open(arguments[arguments.index("--digestfile") + 1], "w", encoding="utf-8") as file:
            file.write(DIGEST)
    if "--metadata-file" in arguments:
        told = {
            "buildx.build.ref": "default/default/x",
            "containerimage.config.digest": OTHER_DIGEST,
            "containerimage.descriptor": {"digest": OTHER_DIGEST, "size": 1},
            "containerimage.digest": DIGEST,
        }
        with open(arguments[arguments.index("--metadata-file") + 1], "w", encoding="utf-8") as file:
            json.dump(told, file, indent=2)


def main():
    """One call of a stand-in."""
    name, arguments, folder = os.path.basename(sys.argv[1]), sys.argv[2:], os.environ["FAKES"]
    with open(os.path.join(folder, "answers.json"), encoding="utf-8") as file:
        answers = json.load(file)
    given = sys.stdin.read() if "--password-stdin" in arguments else ""
    with open(os.path.join(folder, "calls"), "a", encoding="utf-8") as file:
        file.write(json.dumps([name, *arguments]) + "\n")
    if given:
        with open(os.path.join(folder, "password"), "w", encoding="utf-8") as file:
            file.write(given)
    if name == "aws":
        told, code = answer_aws(arguments, answers)
        print(told, end="\n" if told else "")
        sys.exit(code)
    if any(" ".join([name, *arguments]).startswith(failing) for failing in answers.get("fails", ())):
        print(f"{name} does not want to", file=sys.stderr)
        sys.exit(125)
    print(f"{name} talks a lot")
    act_engine(arguments)


def install(folder, programs, answers):
    """Makes a folder for PATH with these stand-ins, and with the tools that the script needs."""
    with open(os.path.join(folder, "answers.json"), "w", encoding="utf-8") as file:
        json.dump(answers, file)
    path = os.path.join(folder, "bin")
    os.makedirs(path)
    for tool in TOOLS:
        os.symlink(shutil.which(tool), os.path.join(path, tool))
    for program in programs:
        file = os.path.join(path, program)
        with open(file, "w", encoding="utf-8") as script:
            script.write(f'#!/bin/sh\nexec "{sys.executable}" "{os.path.abspath(__file__)}" "$0" "$@"\n')
        os.chmod(file, os.stat(file).st_mode | stat.S_IXUSR)
    return path


if __name__ == "__main__":
    main()
