"""Names that the library's experiments use in the context `live`."""

import configparser
import re

import yaml

CONTEXT = "live"
REFERENCE = re.compile(r"\$\{(\w+)\}")
# how a name of the deployment looks, and of what kind it may be; None stands for any kind
PATTERNS = (
    (re.compile(r"(?<![\w}./])/live/[\w./-]+"), "parameter"),
    (re.compile(r"[\w-]+/live/comments/[\w-]+"), "alarm"),
    (re.compile(r"(?<![\w/.-])(?:live-chaos-|comments-)[\w-]+"), None),
    (re.compile(r"\b[a-z]{2}-[a-z]+-\d[a-f]\b"), "zone"),
)
# of what kind the value of an argument is
ARGUMENTS = {
    "cluster": "cluster", "service": "service", "alarm_name": "alarm", "db_instance_identifier": "database",
    "asg_names": "group", "container_name": "container",
}


def uses(folder):
    """{(kind, name): the experiments that use it}"""
    found = {}
    for conf in sorted(folder.rglob("experiment.conf")):
        if conf.parent.name != "_empty":
            for use in names(resolved(conf)):
                found.setdefault(use, []).append(conf.parent.name)
    return found


def resolved(conf):
    """The experiment with the values that it has in the context."""
    parser = configparser.ConfigParser(interpolation=None, comment_prefixes=("#", ";"), default_section="DEFAULT")
    parser.optionxform = str
    parser.read(conf, encoding="utf-8")
    section = parser[CONTEXT] if parser.has_section(CONTEXT) else parser["DEFAULT"]
    experiment = yaml.safe_load((conf.parent / section["experiment_path"]).read_text(encoding="utf-8"))
    values = {name: constant(value) for name, value in experiment.get("configuration", {}).items()}
    for name in re.split(r"[,\n]", section.get("var_files", "")):
        if name.strip():
            given = yaml.safe_load((conf.parent / name.strip()).read_text(encoding="utf-8"))
            values.update((given or {}).get("configuration") or {})
    for line in section.get("var_overrides", "").splitlines():
        if "=" in line:
            name, value = line.split("=", 1)
            values[name.split(":")[0].strip()] = value.strip()
    return filled(experiment, {name: value for name, value in values.items() if value is not None})


def constant(value):
    """A value that is known before the run: those of probes are not, and those of the environment are their defaults."""
    if isinstance(value, dict) and value.get("type") == "env":
        return value.get("default")
    return None if isinstance(value, dict) else value


def filled(value, known):
    """A document with the known values in place of references to them."""
    if isinstance(value, dict):
        return {key: filled(known.get(key, item) if key in known and not isinstance(item, dict) else item, known)
                for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, known) for item in value]
    if isinstance(value, str):
        before = None
        while before != value:
            before, value = value, REFERENCE.sub(lambda found: str(known.get(found[1], found[0])), value)
    return value


def names(document, key=""):
    """Pairs of kind and name in a document."""
    if isinstance(document, dict):
        yield from tags(document)
        for name, value in document.items():
            yield from names(value, name)
    elif isinstance(document, list):
        for item in document:
            yield from names(item, key)
    elif isinstance(document, str) and not document.isspace():
        if key in ARGUMENTS and document and "${" not in document:
            yield ARGUMENTS[key], document
            return
        for pattern, kind in PATTERNS:
            for name in pattern.findall(document):
                yield kind, name


def tags(document):
    """The targets of Systems Manager: `Key: tag:Application, Values: [comments]`."""
    key = document.get("Key", "")
    if isinstance(key, str) and key.startswith("tag:"):
        for value in document.get("Values", []):
            yield "instance tag", f"{key.removeprefix('tag:')}={value}"
