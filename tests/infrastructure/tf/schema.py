"""Schemas of the providers that a tree uses, from wheels in a folder, each derived once and kept beside its wheel."""

import json
from os.path import relpath
from pathlib import Path

from .builtin import EPHEMERAL, TERRAFORM
from .derive import derive


PINS = Path(__file__).resolve().parents[1] / "providers.txt"


class MissingWheel(Exception):
    """No wheel carries a provider's schema."""


class Schemas:
    def __init__(self, wheels):
        self.wheels = wheels
        self.known = {"terraform": {"version": None, **TERRAFORM}}

    def provider(self, name):
        """The schema of a provider."""
        if name not in self.known:
            self.known[name] = load(self.wheel(name))
        return self.known[name]

    def wheel(self, name):
        package = f"cdktf-cdktf-provider-{name}"
        version = pins().get(package)
        if version is None:
            raise MissingWheel(f"the provider `{name}` has no schema: {PINS.name} must have {package} with its version")
        wheel = self.wheels / f"{package.replace('-', '_')}-{version}-py3-none-any.whl"
        if not wheel.is_file():
            raise MissingWheel(f"there is no {wheel}: run `pip download --no-deps -r {relpath(PINS)} -d {self.wheels}`")
        return wheel

    def entry(self, kind, type_name):
        """What a type of resource or data source is made of, or None."""
        return self.types(kind, provider_of(type_name)).get(type_name)

    def types(self, kind, provider):
        return EPHEMERAL if kind == "ephemeral" else self.provider(provider)[kind]


def pins():
    """The versions of the packages with schemas."""
    lines = [line.strip() for line in PINS.read_text(encoding="utf-8").splitlines()]
    return dict(line.split("==") for line in lines if "==" in line and not line.startswith("#"))


def provider_of(type_name):
    """The local name of the provider of a type."""
    return type_name.split("_", 1)[0]


def load(wheel):
    kept = wheel.with_suffix(".schema.json")
    if not kept.exists() or kept.stat().st_mtime < max(wheel.stat().st_mtime, newest_code()):
        part = kept.with_suffix(".part")
        part.write_text(json.dumps(derive(wheel), separators=(",", ":")))
        part.replace(kept)
    return json.loads(kept.read_text())


def newest_code():
    """When the derivation itself was last changed."""
    return Path(__file__).with_name("derive.py").stat().st_mtime
