"""Files that an expression reads: that they are there, and that a template uses what it is given and nothing else."""

from . import hcl, template
from .report import meant
from .syntax import Get, Literal, Name, Object, Template, children

READERS = ("file", "filebase64", "filemd5", "filesha1", "filesha256", "filesha512", "filebase64sha256",
           "filebase64sha512", "templatefile")


class Files:
    def __init__(self, folder, report):
        self.folder = folder
        self.report = report

    def check(self, infer, call, file, arguments):
        """Checks a call that reads a file whose path is written out."""
        path = self.path(call.arguments[0]) if call.name in READERS and call.arguments else None
        if path is None:
            return
        if not path.is_file():
            near = meant(path.name, [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else [])
            self.report.add(file, call.line, f"there is no file {path.name}{near}")
        elif call.name == "templatefile" and isinstance(call.arguments[1], Object):
            self.template(infer, call, file, path, arguments[1])

    def path(self, node):
        """The file that a path stands for, where only path.module is in it."""
        parts = [Literal(part, node.line) if isinstance(part, str) else part for part in
                 (node.parts if isinstance(node, Template) else [node])]
        known = [self.folder if is_module_path(part) else getattr(part, "value", None) for part in parts]
        if any(part is None for part in known):
            return None
        return self.folder.joinpath("".join(str(part) for part in known))

    def template(self, infer, call, file, path, given):
        """Checks a template against what it is given."""
        try:
            read = template.read(path.read_text(encoding="utf-8"), 1, hcl.parse_expression)
        except hcl.SyntaxFault as fault:
            self.report.add(path, fault.line, fault.message)
            return
        names = call.arguments[1].keys()
        if names is None:
            return
        infer.of(read, path, {name: given.get(name) for name in names})
        used = {node.name for node in every(read) if isinstance(node, Name)}
        for name in set(names) - used:
            self.report.add(file, call.line, f"{path.name} does not use `{name}`")


def is_module_path(node):
    return isinstance(node, Get) and node.name == "module" and isinstance(node.base, Name) and node.base.name == "path"


def every(node):
    """A node, and all those inside it."""
    yield node
    for child in children(node):
        yield from every(child)
