"""A module: what the .tf files of one folder declare."""

from . import hcl

# blocks of the language, and how many labels each has
LABELS = {"terraform": 0, "locals": 0, "moved": 0, "import": 0, "removed": 0, "variable": 1, "output": 1, "provider": 1,
          "module": 1, "check": 1, "resource": 2, "data": 2, "ephemeral": 2}
# blocks of which each is of a type that a provider has
KINDS = {"resource": "resource", "data": "data source", "ephemeral": "ephemeral resource"}


class Module:
    def __init__(self, folder):
        self.folder = folder
        self.blocks = []
        self.variables, self.outputs, self.calls, self.locals = {}, {}, {}, {}
        self.resources, self.data, self.ephemeral = {}, {}, {}
        self.providers = []
        self.terraform = []
        self.called = {}  # the modules that calls lead to, by the name of the call; set by the tree

    @property
    def required_providers(self):
        """{local name: its attribute}, and the file each is in."""
        found = {}
        for block in self.terraform:
            for inner in block.body.blocks_of("required_providers"):
                found.update({name: (block.file, entry) for name, entry in inner.body.attributes.items()})
        return found

    def of_kind(self, kind):
        """The resources, data sources or ephemeral resources, by type and name."""
        return {"resource": self.resources, "data": self.data, "ephemeral": self.ephemeral}[kind]

    def blocks_of(self, kind):
        return [block for block in self.blocks if block.type == kind]


def load(folder, report):
    """Reads the files of a folder; what cannot be read is reported and left out."""
    module = Module(folder)
    for path in sorted(folder.glob("*.tf")):
        try:
            body = hcl.read(path)
        except hcl.SyntaxFault as fault:
            report.add(path, fault.line, fault.message)
            continue
        for attribute in body.attributes.values():
            report.add(path, attribute.line, f"`{attribute.name}` stands outside of any block")
        for block in body.blocks:
            declare(module, block, report)
    return module


def declare(module, block, report):
    """Adds a block of the top level."""
    if LABELS.get(block.type) != len(block.labels):
        wanted = LABELS.get(block.type)
        message = f"there is no block `{block.type}`" if wanted is None else f"`{block.type}` has {wanted} labels"
        report.add(block.file, block.line, message)
        return
    module.blocks.append(block)
    singles = {"variable": module.variables, "output": module.outputs, "module": module.calls}
    if block.type == "locals":
        for attribute in block.body.attributes.values():
            once(module.locals, attribute.name, (block.file, attribute), "local", attribute.line, block.file, report)
    elif block.type in singles:
        once(singles[block.type], block.labels[0], block, block.type, block.line, block.file, report)
    elif block.type in KINDS:
        once(module.of_kind(block.type), tuple(block.labels), block, block.type, block.line, block.file, report)
    elif block.type == "provider":
        module.providers.append(block)
    elif block.type == "terraform":
        module.terraform.append(block)


def once(known, name, what, kind, line, file, report):
    if name in known:
        shown = ".".join(name) if isinstance(name, tuple) else name
        report.add(file, line, f"{kind} `{shown}` is declared twice")
    known[name] = what
