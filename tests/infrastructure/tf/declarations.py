"""What modules declare and whether it fits: variables, outputs, calls, providers' versions; what nothing uses."""

import re

from .builtin import MODULE_META
from .module import KINDS
from .report import meant
from .schema import provider_of
from .syntax import Literal, Object

EXACT = re.compile(r"(= *)?\d+\.\d+\.\d+")


def check(tree, report):
    """Checks all modules of a tree."""
    versions = {}
    for module in tree.modules.values():
        parent = tree.modules.get(module.folder.parent) if module.folder.name == "lab" else None
        variables(module, parent, report)
        outputs(module, parent, report)
        unused(module, tree.roots[module.folder].used, parent, report)
        calls(module, report)
        required(module, report)
        same_versions(module, versions, report)


def variables(module, parent, report):
    """Each variable has a type and a description; one of a lab's stand-in, the type of its stack's."""
    for name, block in module.variables.items():
        twin = parent.variables.get(name) if parent else None
        for wanted in ("type", "description"):
            if wanted not in block.body.attributes and not (wanted == "description" and twin):
                report.add(block.file, block.line, f"variable `{name}` has no {wanted}")
        if twin and getattr(twin.body.value("type"), "name", "") != getattr(block.body.value("type"), "name", ""):
            where = f"{twin.file.name} one folder up"
            report.add(block.file, block.line, f"variable `{name}` is not of the type that it has in {where}")
        if not (block.body.literal("description") or twin or "description" not in block.body.attributes):
            report.add(block.file, block.line, f"the description of variable `{name}` is empty")


def outputs(module, parent, report):
    """Each output has a description; a lab's stand-in has the outputs of its stack."""
    for name, block in module.outputs.items():
        if "description" not in block.body.attributes:
            report.add(block.file, block.line, f"output `{name}` has no description")
        if parent and name not in parent.outputs:
            report.add(block.file, block.line, f"the stack one folder up has no output `{name}`{meant(name, parent.outputs)}")
    for name, block in parent.outputs.items() if parent else ():
        if name not in module.outputs:
            report.add(block.file, block.line, f"the stand-in in lab/ has no output `{name}`{meant(name, module.outputs)}")


def unused(module, used, parent, report):
    """Nothing is declared that nothing uses, but for what a lab's stand-in takes because its stack does."""
    for name, block in module.variables.items():
        if ("var", name) not in used and not (parent and name in parent.variables):
            report.add(block.file, block.line, f"nothing uses variable `{name}`")
    for name, (file, attribute) in module.locals.items():
        if ("local", name) not in used:
            report.add(file, attribute.line, f"nothing uses local `{name}`")
    for kind in ("data", "ephemeral"):
        for key, block in module.of_kind(kind).items():
            if (kind, *key) not in used and not block.body.blocks_of("lifecycle"):
                report.add(block.file, block.line, f"nothing uses {KINDS[kind]} `{'.'.join(key)}`")


def calls(module, report):
    """Each call gives the variables of the module that it calls."""
    for name, block in module.calls.items():
        called = module.called.get(name)
        if called is None:
            continue
        for attribute in block.body.attributes.values():
            if attribute.name not in called.variables and attribute.name not in MODULE_META:
                report.add(block.file, attribute.line, f"module `{name}` has no variable `{attribute.name}`"
                                                       f"{meant(attribute.name, called.variables)}")
        for variable in needed(called):
            if variable not in block.body.attributes:
                report.add(block.file, block.line, f"module `{name}` needs the variable `{variable}`")
        for inner in block.body.blocks:
            report.add(block.file, inner.line, f"module `{name}` takes no blocks, as here `{inner.type}`")


def needed(module):
    """The variables without a default."""
    return [name for name, block in module.variables.items() if "default" not in block.body.attributes]


def required(module, report):
    """A module declares the providers that it uses, each pinned to one version, and Terraform's own."""
    declared = module.required_providers
    using = {}
    for block in [block for kind in KINDS for block in module.blocks_of(kind)]:
        using.setdefault(provider_of(block.labels[0]), block)
    using.pop("terraform", None)
    for name, block in using.items():
        if name not in declared:
            report.add(block.file, block.line, f"required_providers does not have `{name}`{meant(name, declared)}")
    for name, (file, entry) in declared.items():
        version = version_of(entry)
        if not EXACT.fullmatch(version.value):
            report.add(file, version.line, f"provider `{name}` is not pinned to one version, such as \"1.2.3\"")
        if name not in using and not any(block.labels == [name] for block in module.providers):
            report.add(file, entry.line, f"nothing uses provider `{name}`")
    if module.blocks and not any("required_version" in block.body.attributes for block in module.terraform):
        first = module.blocks[0]
        report.add(first.file, first.line, "the module does not say its required_version of Terraform")


def same_versions(module, versions, report):
    """All modules pin a provider to the same version."""
    for name, (file, entry) in module.required_providers.items():
        version = version_of(entry)
        first = versions.setdefault(name, (version.value, file))
        if version.value != first[0]:
            where = f"{first[1].parent.name}/{first[1].name}"
            report.add(file, version.line, f"provider `{name}` is {version.value} here and {first[0]} in {where}")


def version_of(entry):
    """The literal of a provider's version; where there is none, one without a value."""
    version = entry.value.get("version") if isinstance(entry.value, Object) else None
    return version if isinstance(version, Literal) else Literal("", entry.line)
