"""Reading experiments and variable files."""

import json
import os

from chaoslib.exceptions import InvalidSource


def read(path):
    """The content of a JSON or YAML file."""
    with open(path, encoding="utf-8") as file:
        text = file.read()
    if path.endswith(".json"):
        return json.loads(text)
    if path.endswith((".yaml", ".yml")):
        return read_yaml(text, path)
    raise InvalidSource("{}: only .json, .yaml and .yml can be read".format(path))


def read_yaml(text, path):
    try:
        import yaml
    except ImportError:
        raise InvalidSource("{}: reading YAML here needs the package PyYAML".format(path)) from None
    return yaml.safe_load(text)


def read_variables(path):
    """`configuration` and `secrets` of a variable file; lines NAME=VALUE go into the environment."""
    if path.endswith((".json", ".yaml", ".yml")):
        return read(path) or {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, equals, value = line.strip().partition("=")
            if equals and not name.startswith("#"):
                os.environ[name] = value
    return {}
