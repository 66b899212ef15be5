"""Findings, and how they are told."""

import difflib
import os
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    file: str
    line: int
    message: str

    def __str__(self):
        return f"{self.file}:{self.line}: {self.message}"


class Report:
    """Collects findings; the same one counts once."""

    def __init__(self):
        self.findings = set()

    def add(self, file, line, message):
        self.findings.add(Finding(self.shown(file), line, message))

    @staticmethod
    def shown(file):
        return os.path.relpath(file)

    def __iter__(self):
        return iter(sorted(self.findings))


def meant(name, names):
    """`, did you mean …?` where something is near."""
    near = difflib.get_close_matches(str(name), [str(known) for known in names], n=1, cutoff=0.6)
    return f", did you mean `{near[0]}`?" if near else ""
