"""Checks Terragrunt's files: what they include and depend on is there, and what they give is what modules take."""

from . import hcl
from .builtin import STRUCTS, TERRAGRUNT_ATTRIBUTES, TERRAGRUNT_BLOCKS, TERRAGRUNT_FUNCTIONS, TERRAGRUNT_S3
from .functions import FUNCTIONS
from .infer import Infer
from .report import meant
from .syntax import Call, Get, Literal, Object, Template, Tuple
from .tree import files

LOCK = ".terraform.lock.hcl"
HERE = ("get_terragrunt_dir", "get_original_terragrunt_dir")


def check(folders, tree, report):
    """Checks the files under some folders, and gives their paths."""
    paths = [path for path in files(folders, "*.hcl") if path.name != LOCK]
    read = {}
    for path in paths:
        try:
            read[path] = hcl.read(path)
        except hcl.SyntaxFault as fault:
            report.add(path, fault.line, fault.message)
    units = {path: Unit(path, body, tree, report) for path, body in read.items()}
    for unit in units.values():
        unit.check(units)
    for unit in units.values():
        unit.inputs(units)
    return paths


class Unit:
    """One of Terragrunt's files, with what names stand for in it."""

    def __init__(self, path, body, tree, report):
        self.path, self.body, self.tree, self.report = path, body, tree, report
        self.locals = {}
        for block in body.blocks_of("locals"):
            self.locals.update(block.body.attributes)
        self.dependencies = {block.labels[0]: block for block in body.blocks_of("dependency") if block.labels}
        self.includes = {}  # by label, the path
        self.used = set()
        self.infer = Infer(self, report, NoFiles(), {**FUNCTIONS, **TERRAGRUNT_FUNCTIONS})

    def check(self, units):
        for block in self.body.blocks_of("include"):
            self.include(block, units)
        for attribute in self.body.attributes.values():
            if attribute.name not in TERRAGRUNT_ATTRIBUTES:
                self.tell(attribute, f"there is no attribute `{attribute.name}`{meant(attribute.name, TERRAGRUNT_ATTRIBUTES)}")
            self.infer.of(attribute.value, self.path, {})
        for block in self.body.blocks:
            self.block(block)
        for name in set(self.locals) - self.used:
            if not self.exposed():
                self.tell(self.locals[name], f"nothing uses local `{name}`")

    def exposed(self):
        """A file that others include may have locals that they use."""
        return self.path.name != "terragrunt.hcl"

    def block(self, block):
        if block.type not in TERRAGRUNT_BLOCKS:
            self.tell(block, f"there is no block `{block.type}`{meant(block.type, TERRAGRUNT_BLOCKS)}")
        self.values(block.body)
        if block.type == "remote_state":
            self.remote_state(block)
        elif block.type == "dependency":
            self.dependency(block)
        elif block.type == "dependencies":
            paths = block.body.value("paths")
            for item in paths.items if isinstance(paths, Tuple) else []:
                self.folder(item, item.line)
        elif block.type == "terraform" and block.body.value("source") is not None:
            self.module()

    def values(self, body):
        for attribute in body.attributes.values():
            self.infer.of(attribute.value, self.path, {})
        for inner in body.blocks:
            self.values(inner.body)

    def include(self, block, units):
        """The file that is included is there."""
        value = block.body.value("path")
        wanted = self.target(value)
        if wanted is None:
            self.tell(block, "include needs a path that can be followed: one in quotes, or find_in_parent_folders()")
        elif wanted not in units:
            self.tell(block.body.attributes["path"], f"there is no {wanted.name} to include")
        elif block.labels:
            self.includes[block.labels[0]] = units[wanted]

    def target(self, value):
        if isinstance(value, Call) and value.name == "find_in_parent_folders":
            name = value.arguments[0].value if value.arguments else "terragrunt.hcl"
            above = [folder / name for folder in self.path.parent.parents]
            return next((path for path in above if path.is_file()), self.path.parent.parent / name)
        return self.relative(value)

    def relative(self, value):
        """The path that an expression with literals and get_terragrunt_dir() stands for."""
        parts = value.parts if isinstance(value, Template) else [value]
        known = ""
        for part in parts:
            if isinstance(part, Call) and part.name in HERE:
                known += str(self.path.parent)
            elif isinstance(part, (str, Literal)):
                known += str(getattr(part, "value", part))
            else:
                return None
        return (self.path.parent / known.replace("//", "/")).resolve()

    def folder(self, value, line):
        """The unit that a path leads to."""
        found = self.relative(value)
        if found is not None and not (found / "terragrunt.hcl").is_file():
            self.report.add(self.path, line, f"there is no terragrunt.hcl in {getattr(value, 'value', found.name)}")
        return found

    def module(self):
        """The module that this file is for: terraform.source, or the folder that it is in."""
        for block in self.body.blocks_of("terraform"):
            source = block.body.value("source")
            if source is not None:
                found = self.relative(source)
                if found is None or found not in self.tree.modules:
                    self.tell(block.body.attributes["source"], "the source is no module in this repository")
                    return None
                return self.tree.modules[found]
        return self.tree.modules.get(self.path.parent)

    def dependency(self, block):
        value = block.body.value("config_path")
        if value is None:
            self.tell(block, "dependency needs `config_path`")
            return
        self.folder(value, value.line)
        outputs = self.outputs(block.labels[0]) if block.labels else None
        mocks = block.body.value("mock_outputs")
        for name in (mocks.keys() or []) if isinstance(mocks, Object) and outputs is not None else []:
            if name not in outputs:
                self.tell(mocks, f"dependency `{block.labels[0]}` has no output `{name}`{meant(name, outputs)}")

    def outputs(self, name):
        """The outputs of a dependency, or None where they are not known."""
        value = self.dependencies[name].body.value("config_path")
        module = self.tree.modules.get(self.relative(value)) if value is not None else None
        return module.outputs if module else None

    def remote_state(self, block):
        config = block.body.value("config")
        for wanted in ("backend", "config"):
            if wanted not in block.body.attributes:
                self.tell(block, f"remote_state needs `{wanted}`")
        known = {**STRUCTS["s3_backend"], **dict.fromkeys(TERRAGRUNT_S3)}
        if block.body.literal("backend") == "s3" and isinstance(config, Object):
            for name in config.keys() or []:
                if name not in known:
                    self.tell(config.get(name), f"the s3 backend has no argument `{name}`{meant(name, known)}")

    def inputs(self, units):
        """What is given to modules is what they take."""
        value = self.body.value("inputs")
        keys = value.keys() if isinstance(value, Object) else None
        modules = [unit.module() for unit in units.values() if unit is self or self in unit.includes.values()]
        modules = [module for module in modules if module]
        if not modules:
            return
        for key in keys or []:
            if not any(key in module.variables for module in modules):
                known = {name for module in modules for name in module.variables}
                self.tell(value.get(key), f"no module here has a variable `{key}`{meant(key, known)}")

    # what the names of an expression stand for, as in roots.Roots

    def bare(self, node, file, scope):
        self.tell(node, f"`{node.name}` is no reference: a string is written in quotes")

    def resolve(self, chain, file, scope):
        root, steps = chain
        names = [step.name for step in steps if isinstance(step, Get)]
        if root.name == "local" and names:
            return self.local(names[0], root), steps[1:]
        if root.name == "dependency" and names:
            return self.dependent(names, root), []
        if root.name == "include" and names:
            return self.included(names, root), []
        if root.name not in ("feature", "values", "unit"):
            self.bare(root, file, scope)
        return None, []

    def local(self, name, root):
        if name not in self.locals:
            self.tell(root, f"there is no local `{name}`{meant(name, self.locals)}")
        self.used.add(name)

    def dependent(self, names, root):
        if names[0] not in self.dependencies:
            self.tell(root, f"there is no dependency `{names[0]}`{meant(names[0], self.dependencies)}")
        elif len(names) > 2 and names[1] == "outputs":
            outputs = self.outputs(names[0])
            if outputs is not None and names[2] not in outputs:
                self.tell(root, f"dependency `{names[0]}` has no output `{names[2]}`{meant(names[2], outputs)}")
        elif len(names) < 2 or names[1] not in ("outputs", "inputs"):
            self.tell(root, f"write `dependency.{names[0]}.outputs.…`")

    def included(self, names, root):
        other = self.includes.get(names[0])
        if names[0] not in {label for block in self.body.blocks_of("include") for label in block.labels}:
            self.tell(root, f"there is no include `{names[0]}`")
        elif other and len(names) > 2 and names[1] == "locals" and names[2] not in other.locals:
            self.tell(root, f"{other.path.name} has no local `{names[2]}`{meant(names[2], other.locals)}")

    def tell(self, what, message):
        self.report.add(self.path, what.line, message)


class NoFiles:
    """Terragrunt's functions that read files have paths that only it can follow."""

    def check(self, infer, call, file, arguments):
        pass
