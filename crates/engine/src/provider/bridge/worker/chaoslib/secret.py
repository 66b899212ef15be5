"""Resolving an experiment's secrets."""

import os

from chaoslib.exceptions import InvalidExperiment

__all__ = ["load_secrets"]


def load_secrets(secrets_info, configuration=None, extra_vars=None):
    """The groups with the values of `type: env` taken from the environment, at any depth."""
    groups = dict(secrets_info or {})
    groups.update({name: group for name, group in (extra_vars or {}).items() if name in groups})
    return {name: resolved(group) for name, group in groups.items()}


def resolved(value):
    if not isinstance(value, dict):
        return value
    if value.get("type") != "env":
        return {name: resolved(item) for name, item in value.items()}
    if value["key"] not in os.environ:
        raise InvalidExperiment("the secrets need the environment variable {}, which is not set".format(value["key"]))
    return os.environ[value["key"]]
