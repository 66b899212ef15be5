"""Checks files of variables' values: each value is for a variable of a module in the folder or below it."""

from . import hcl, types
from .report import meant
from .roots import type_of
from .syntax import Object, Tuple


def check(paths, tree, report):
    for path in paths:
        try:
            body = hcl.read(path)
        except hcl.SyntaxFault as fault:
            report.add(path, fault.line, fault.message)
            continue
        declared = variables(path.parent, tree)
        for block in body.blocks:
            report.add(path, block.line, f"a file of values has no blocks, as here `{block.type}`")
        for attribute in body.attributes.values():
            if attribute.name not in declared:
                message = f"no module here has a variable `{attribute.name}`{meant(attribute.name, declared)}"
                report.add(path, attribute.line, message)
            elif is_collection(declared[attribute.name]) not in (None, isinstance(attribute.value, (Object, Tuple))):
                report.add(path, attribute.line, f"the value is not of the type of variable `{attribute.name}`")


def variables(folder, tree):
    """The variables of all modules in a folder and below it that nobody calls."""
    called = {module.folder for caller in tree.modules.values() for module in caller.called.values()}
    roots = [module for module in tree.modules.values() if folder in (module.folder, *module.folder.parents)
             and module.folder not in called]
    return {name: block for module in roots for name, block in module.variables.items()}


def is_collection(block):
    """Whether a variable's type is a collection; None where it can be anything."""
    try:
        known = type_of(block.body.value("type"), "")
    except ValueError:
        return None
    return None if known is None else isinstance(known, (types.Sequence, types.Mapping, types.Record))
