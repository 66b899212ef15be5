"""The `extensions` of an experiment."""

from chaoslib.exceptions import InvalidExperiment

__all__ = ["get_extension", "has_extension", "set_extension", "merge_extension", "remove_extension", "validate_extensions"]


def get_extension(experiment, name):
    """The extension of that name, or None."""
    found = (entry for entry in experiment.get("extensions") or () if entry.get("name") == name)
    return next(found, None)


def has_extension(experiment, name):
    return get_extension(experiment, name) is not None


def remove_extension(experiment, name):
    entry = get_extension(experiment, name)
    if entry is not None:
        experiment["extensions"].remove(entry)


def set_extension(experiment, extension):
    """Puts the extension in place of the one of its name."""
    remove_extension(experiment, extension.get("name"))
    experiment.setdefault("extensions", []).append(extension)


def merge_extension(experiment, extension):
    """Adds the entries of the extension to the one of its name."""
    entry = get_extension(experiment, extension.get("name"))
    if entry is None:
        set_extension(experiment, extension)
    else:
        entry.update(extension)


def validate_extensions(experiment):
    for entry in experiment.get("extensions") or ():
        if not (entry.get("name") or "").strip():
            raise InvalidExperiment("each of the extensions needs a name that is not empty")
