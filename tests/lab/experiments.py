"""The experiments of the library, and how their READMEs say to run them in a lab: first as they are, then weakened."""

import os
import shlex
import shutil
from dataclasses import dataclass

LIBRARY = os.path.normpath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "library"))
COMMAND = "cargo run --release -p chaos-lab -- run "


@dataclass(frozen=True)
class Command:
    """A command of a README: what the lab is told, and what start-chaos is told."""

    lab: tuple
    options: tuple


@dataclass(frozen=True)
class Experiment:
    """An experiment with its two commands."""

    folder: str
    healthy: Command
    weakened: Command

    def lacks_terraform(self):
        """Whether it cannot run here, for want of Terraform."""
        with open(os.path.join(LIBRARY, self.folder, "experiment.yaml"), encoding="utf-8") as file:
            return "chaosterraform" in file.read() and not (shutil.which("terraform") or shutil.which("tofu"))


def command(line, folder):
    """Takes a line of a README apart."""
    words = shlex.split(line[len(COMMAND):])
    end = words.index("--") if "--" in words else len(words)
    conf = words[end - 1]
    if os.path.dirname(conf) != f"library/{folder}":
        raise ValueError(f"the README of {folder} runs {conf}")
    return Command(tuple(words[: end - 1]), tuple(words[end + 1:]))


def experiment(folder):
    """The experiment in a folder of the library, by its README."""
    with open(os.path.join(LIBRARY, folder, "README.md"), encoding="utf-8") as readme:
        commands = [command(line.strip(), folder) for line in readme if line.startswith(COMMAND)]
    if len(commands) != 2:
        raise ValueError(f"the README of {folder} has {len(commands)} commands for the lab instead of two")
    return Experiment(folder, *commands)


def experiments():
    """All of them, by path."""
    found = []
    for kind in ("reliability", "scalability"):
        for name in sorted(os.listdir(os.path.join(LIBRARY, kind))):
            if os.path.isfile(os.path.join(LIBRARY, kind, name, "experiment.conf")):
                found.append(experiment(f"{kind}/{name}"))
    return found
