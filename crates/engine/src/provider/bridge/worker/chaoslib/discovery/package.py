"""From the name of an installed package to its module."""

import importlib
import inspect
import logging
import subprocess
import sys
from importlib import metadata

from chaoslib.exceptions import DiscoveryFailed

__all__ = ["get_discover_function", "install", "load_package"]
logger = logging.getLogger("chaostoolkit")


def install(package_name):
    """Installs or upgrades the package in the environment of this interpreter."""
    logger.info("Installing the package '%s'", package_name)
    command = [sys.executable, "-m", "pip", "install", "-U", package_name]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    logger.debug(done.stdout.decode("utf-8", "replace"))
    if done.returncode != 0:
        raise DiscoveryFailed("pip could not install `{}`; its output is in the log".format(package_name))


def load_package(package_name):
    name = import_name(package_name)
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise DiscoveryFailed("the module {} cannot be imported: {}".format(name, error)) from error


def import_name(package_name):
    """The first top-level module that the package brings."""
    try:
        package = metadata.distribution(package_name)
    except metadata.PackageNotFoundError:
        raise DiscoveryFailed("no package {} is installed here".format(package_name)) from None
    names = (package.read_text("top_level.txt") or "").split()
    files = [path.parts[0] for path in package.files or () if len(path.parts) > 1 and path.suffix == ".py"]
    if not names + files:
        raise DiscoveryFailed("the package {} brings no module to import".format(package_name))
    return (names + files)[0]


def get_discover_function(package):
    function = getattr(package, "discover", None)
    if not inspect.isfunction(function):
        raise DiscoveryFailed("the package {} has no function `discover`".format(package.__name__))
    return function
