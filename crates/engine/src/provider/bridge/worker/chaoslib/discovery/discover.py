"""The activities that the modules of an extension export."""

import importlib
import inspect
import logging
import platform
import uuid
from datetime import datetime, timezone

from chaoslib import __version__
from chaoslib.discovery.package import get_discover_function, install, load_package
from chaoslib.exceptions import DiscoveryFailed

__all__ = [
    "discover",
    "discover_activities",
    "discover_actions",
    "discover_probes",
    "initialize_discovery_result",
    "portable_type_name",
    "portable_type_name_to_python_type",
]
logger = logging.getLogger("chaostoolkit")
PORTABLE = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    bytes: "byte",
    set: "set",
    tuple: "tuple",
    list: "list",
    dict: "mapping",
}


def discover(package_name, discover_system=True, download_and_install=True, keep_activities_arguments=True):
    """The document that the extension's own `discover` function gives."""
    if download_and_install:
        install(package_name)
    document = get_discover_function(load_package(package_name))(discover_system=discover_system)
    if not keep_activities_arguments:
        for activity in document["activities"]:
            activity.pop("arguments", None)
            activity.pop("return_type", None)
    return document


def initialize_discovery_result(extension_name, extension_version, discovery_type):
    """A document without activities yet."""
    machine = platform.uname()
    return {
        "chaoslib_version": __version__,
        "id": str(uuid.uuid4()),
        "target": discovery_type,
        "date": datetime.now(timezone.utc).isoformat(),
        "platform": {
            "system": machine.system,
            "node": machine.node,
            "release": machine.release,
            "version": machine.version,
            "machine": machine.machine,
            "proc": machine.processor,
            "python": platform.python_version(),
        },
        "extension": {"name": extension_name, "version": extension_version},
        "activities": [],
        "system": None,
    }


def discover_actions(extension_mod_name):
    return discover_activities(extension_mod_name, "action")


def discover_probes(extension_mod_name):
    return discover_activities(extension_mod_name, "probe")


def discover_activities(extension_mod_name, activity_type):
    """The functions that the module exports by its `__all__`."""
    try:
        module = importlib.import_module(extension_mod_name)
    except ImportError as error:
        raise DiscoveryFailed("the module {} cannot be imported: {}".format(extension_mod_name, error)) from error
    exported = getattr(module, "__all__", None)
    if exported is None:
        logger.warning("%s has no __all__, which tells what it exports: nothing discovered", extension_mod_name)
        return []
    functions = inspect.getmembers(module, inspect.isfunction)
    return [described(f, name, module, activity_type) for name, f in functions if not exported or name in exported]


def described(function, name, module, activity_type):
    signature = inspect.signature(function)
    named = [p for p in signature.parameters.values() if p.kind not in (p.KEYWORD_ONLY, p.VAR_KEYWORD)]
    activity = {
        "type": activity_type,
        "name": name,
        "mod": module.__name__,
        "doc": inspect.getdoc(function),
        "arguments": [argument(parameter) for parameter in named],
    }
    if signature.return_annotation is not signature.empty:
        activity["return_type"] = portable_type_name(signature.return_annotation)
    return activity


def argument(parameter):
    entry = {"name": parameter.name}
    if parameter.default is not parameter.empty:
        entry["default"] = parameter.default
    if parameter.annotation is not parameter.empty:
        entry["type"] = portable_type_name(parameter.annotation)
    return entry


def portable_type_name(python_type):
    """A name for the type that does not take knowing Python; `object` for what has none."""
    if python_type is None:
        return "null"
    if isinstance(python_type, type) and python_type in PORTABLE:
        return PORTABLE[python_type]
    written = str(python_type)
    names = {"typing.Dict": "mapping", "typing.List": "list", "typing.Set": "set"}
    return next((name for prefix, name in names.items() if written.startswith(prefix)), "object")


def portable_type_name_to_python_type(name):
    types = {portable: python_type for python_type, portable in PORTABLE.items()}
    return None if name == "null" else types.get(name, object)
