"""Resolving an experiment's configuration."""

import os

from chaoslib import convert_to_type
from chaoslib.exceptions import InvalidExperiment

__all__ = ["load_configuration", "load_dynamic_configuration"]


def load_configuration(config_info, extra_vars=None):
    """The entries with those of `type: env` taken from the environment, and `extra_vars` over them."""
    given = dict(config_info or {})
    given.update({name: value for name, value in (extra_vars or {}).items() if name in given})
    return {name: resolved(value) for name, value in given.items()}


def resolved(value):
    if not isinstance(value, dict) or value.get("type") != "env":
        return value
    name = value["key"]
    if name not in os.environ and "default" not in value:
        raise InvalidExperiment("the configuration needs the environment variable {}, which is not set".format(name))
    return convert_to_type(value.get("env_var_type"), os.environ.get(name, value.get("default")))


def load_dynamic_configuration(config, secrets=None):
    """As it is: the run itself resolves the entries that are probes."""
    return config
