"""A stand-in for chaostoolkit-lib where it is not installed: the names that extensions import from it.

It serves functions and controls that run inside an experiment. It cannot run an experiment by itself.
"""

import json
import logging

from chaoslib.exceptions import ActivityFailed
from chaoslib.templates import substitute

__version__ = "1.44.0"
__all__ = [
    "__version__",
    "canonical_json",
    "convert_to_type",
    "convert_vars",
    "decode_bytes",
    "experiment_hash",
    "merge_vars",
    "substitute",
    "PayloadEncoder",
]
logger = logging.getLogger("chaostoolkit")


def decode_bytes(data, default_encoding="utf-8"):
    """The text of `data`: its encoding is guessed when it is not what was told."""
    try:
        return data.decode(default_encoding)
    except UnicodeDecodeError:
        encoding = guessed_encoding(data)
    try:
        return data.decode(encoding or default_encoding)
    except (UnicodeDecodeError, LookupError):
        raise ActivityFailed("these bytes are not text in the encoding " + (encoding or default_encoding)) from None


def guessed_encoding(data):
    for name in ("charset_normalizer", "chardet"):
        try:
            return __import__(name).detect(data).get("encoding")
        except ImportError:
            continue
    return None


def convert_to_type(type, val):
    """`val` as the type of that name, as in `--var name:type=value`; no name means no conversion."""
    if type in (None, "str", "string"):
        return val
    if type in ("int", "integer"):
        return int(val)
    if type in ("float", "number"):
        return float(val)
    if type == "bytes":
        return val.encode("utf-8")
    if type == "bool":
        return val if isinstance(val, bool) else val.lower() not in ("false", "0", "no")
    if type == "json":
        return json.loads(val) if isinstance(val, str) and val else val
    raise ValueError("unknown type {!r}: use str, int, float, bool, bytes or json".format(type))


def convert_vars(value):
    """A mapping from texts such as `name=value` and `name:type=value`."""
    found = {}
    for text in value:
        name, equals, content = text.partition("=")
        if not equals:
            raise ValueError("{!r} is not of the form name[:type]=value".format(text))
        plain, colon, kind = name.rpartition(":")
        found[plain if colon else name] = convert_to_type(kind if colon else None, content)
    return found


def merge_vars(var=None, var_files=None):
    """Configuration and secrets of the variable files, with `var` put over the configuration."""
    from chaoslib.documents import read_variables

    configuration, secrets = {}, {}
    for path in var_files or ():
        content = read_variables(path)
        configuration.update(content.get("configuration", {}))
        secrets.update(content.get("secrets", {}))
    configuration.update(var or {})
    return configuration, secrets


class PayloadEncoder(json.JSONEncoder):
    """Writes dates, UUIDs, decimals and exceptions as text."""

    def default(self, obj):
        from datetime import date
        from decimal import Decimal
        from uuid import UUID

        if isinstance(obj, date):
            return obj.isoformat()
        if isinstance(obj, (UUID, Decimal)):
            return str(obj)
        if isinstance(obj, Exception):
            return "An exception was raised: {}('{}')".format(type(obj).__name__, obj)
        return super().default(obj)


def canonical_json(experiment):
    """The same bytes for the same experiment, whatever the order of its keys."""
    return json.dumps(experiment, skipkeys=True, sort_keys=True).encode("utf-8")


def experiment_hash(experiment, hash_algo=None):
    """A digest of the canonical form: BLAKE2b of 12 bytes, or the algorithm named."""
    import hashlib

    data = canonical_json(experiment)
    if hash_algo is None:
        return hashlib.blake2b(data, digest_size=12).hexdigest()
    if hash_algo not in hashlib.algorithms_available:
        raise ValueError("this Python has no hash algorithm {!r}".format(hash_algo))
    return hashlib.new(hash_algo, data).hexdigest()
