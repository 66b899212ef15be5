"""All modules under some folders, and the checks of each and of what is between them."""

from . import declarations, module as modules
from .blocks import Blocks
from .roots import Roots

SKIPPED = (".terraform", ".terragrunt-cache")


class Tree:
    def __init__(self, folders, schemas, report):
        self.report = report
        self.schemas = schemas
        self.modules = {path.parent: None for path in files(folders, "*.tf")}
        for folder in self.modules:
            self.modules[folder] = modules.load(folder, report)
        for module in list(self.modules.values()):
            self.link(module)
        self.roots = {module.folder: Roots(module, schemas, report) for module in self.modules.values()}
        for roots in self.roots.values():
            roots.others = self.roots

    def link(self, module):
        """Finds the modules that a module calls."""
        for name, block in module.calls.items():
            source = block.body.literal("source")
            at = block.body.attributes.get("source", block).line
            if not source or not source.startswith(("./", "../")):
                self.report.add(block.file, at, f"the source of module `{name}` is no path in this repository")
                continue
            folder = (module.folder / source).resolve()
            if folder not in self.modules:
                self.report.add(block.file, at, f"module `{name}`: there is no module in {source}")
                continue
            module.called[name] = self.modules[folder]

    def check(self):
        for roots in self.roots.values():
            Blocks(roots, self.schemas, self.report).check()
        declarations.check(self, self.report)


def files(folders, pattern):
    """The files of some folders, but for what Terraform puts there."""
    return sorted(path for folder in folders for path in folder.resolve().rglob(pattern) if not skipped(path))


def skipped(path):
    return any(part in SKIPPED for part in path.parts)
