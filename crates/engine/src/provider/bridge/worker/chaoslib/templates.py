"""Substitution of `${name}` and `$name`."""

from collections import ChainMap
from string import Template


def substitute(data, configuration, secrets):
    """`data` with its placeholders replaced, looked up in the configuration, then in the groups of secrets."""
    names = ChainMap(configuration or {}, *(secrets.values() if secrets else ()))
    return replaced(data, names)


def replaced(data, names):
    if isinstance(data, str):
        return replaced_text(data, names)
    if isinstance(data, dict):
        return {key: replaced(value, names) for key, value in data.items()}
    if isinstance(data, (list, tuple)):
        return [replaced(item, names) for item in data]
    return data


def replaced_text(text, names):
    """A text that is one placeholder becomes the value with its type."""
    whole = Template.pattern.fullmatch(text)
    name = whole and (whole.group("named") or whole.group("braced"))
    if name and name in names:
        return names[name]
    return Template(text).safe_substitute(names)
