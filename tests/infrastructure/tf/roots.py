"""What the names at the beginning of a reference stand for in one module: var, local, data, module and the rest."""

from . import types
from .files import Files
from .infer import Infer, common
from .module import KINDS
from .report import meant
from .syntax import Call, Get, Literal, Name, Object, Tuple
from .types import BOOL, NUMBER, STRING, Mapping, Record, Sequence

FIXED = {
    "path": {"module": STRING, "root": STRING, "cwd": STRING},
    "terraform": {"workspace": STRING, "applying": BOOL},
}
ONLY = {"each": "for_each", "count": "count", "self": "a provisioner or a postcondition"}


class Roots:
    def __init__(self, module, schemas, report):
        self.module = module
        self.schemas = schemas
        self.report = report
        self.infer = Infer(self, report, Files(module.folder, report))
        self.others = {}  # the roots of called modules, by folder; set by the tree
        self.used = set()  # ("var", name), ("local", name), ("data", type, name), ("module", name)
        self.owner = None  # what the expression at hand belongs to, which does not count as a use of itself
        self.locals, self.outputs = {}, {}

    def bare(self, node, file, scope):
        """A name alone, which stands for nothing."""
        if file.suffix != ".tf":
            self.report.add(file, node.line, f"the template is not given `{node.name}`{meant(node.name, scope)}")
            return
        known = ONLY.get(node.name)
        why = f"is known only inside {known}" if known else 'is no reference: a string is written in quotes'
        self.report.add(file, node.line, f"`{node.name}` {why}")

    def resolve(self, chain, file, scope):
        """What the first steps of a chain stand for, and the steps left."""
        root, steps = chain
        needed = 2 if root.name in ("data", "ephemeral") else 1
        names = [step.name for step in steps[:needed] if isinstance(step, Get)]
        if file.suffix != ".tf" or root.name in ONLY or len(names) < needed:
            self.bare(root, file, scope)
            return None, []
        return self.named(root, names, file), steps[needed:]

    def named(self, root, names, file):
        simple = {"var": self.variable, "local": self.local, "module": self.call}
        if root.name in simple:
            return simple[root.name](names[0], root, file)
        if root.name in FIXED:
            return self.infer.get(types.record(root.name, FIXED[root.name]), names[0], root, file)
        if root.name in ("data", "ephemeral"):
            return self.instance(root.name, names[0], names[1], root, file)
        return self.instance("resource", root.name, names[0], root, file)

    def missing(self, what, name, known, root, file):
        self.report.add(file, root.line, f"there is no {what} `{name}`{meant(name, known)}")

    def use(self, *what):
        if what != self.owner:
            self.used.add(what)

    def variable(self, name, root, file):
        if name not in self.module.variables:
            return self.missing("variable", name, self.module.variables, root, file)
        self.use("var", name)
        written = self.module.variables[name].body.value("type")
        try:
            return type_of(written, f"var.{name}") if written is not None else None
        except ValueError:
            return None  # said of the variable itself

    def local(self, name, root, file):
        if name not in self.module.locals:
            return self.missing("local", name, self.module.locals, root, file)
        self.use("local", name)
        return self.local_type(name)

    def local_type(self, name):
        """The type of a local, found once."""
        if name not in self.locals:
            self.locals[name] = None  # as far as it is known while it is being found
            where, attribute = self.module.locals[name]
            before = self.owner, self.infer.trying
            self.owner, self.infer.trying = ("local", name), 0
            known = self.infer.of(attribute.value, where, {})
            self.owner, self.infer.trying = before
            if isinstance(known, Record) and known.label == "the object":
                known = Record(f"local.{name}", known.attributes)
            self.locals[name] = known
        return self.locals[name]

    def call(self, name, root, file):
        if name not in self.module.calls:
            return self.missing("module", name, self.module.calls, root, file)
        self.use("module", name)
        called = self.module.called.get(name)
        if called is None:
            return None
        other = self.others[called.folder]
        outputs = {key: (lambda key=key: other.output(key)) for key in called.outputs}
        return counted(Record(f"module.{name}", outputs), self.module.calls[name], f"module.{name}")

    def output(self, name):
        """The type of an output, found once."""
        if name not in self.outputs:
            self.outputs[name] = None
            block = self.module.outputs[name]
            value = block.body.value("value")
            self.outputs[name] = self.infer.of(value, block.file, {}) if value is not None else None
        return self.outputs[name]

    def instance(self, kind, type_name, name, root, file):
        """What a reference to a resource or data source stands for."""
        known = self.module.of_kind(kind)
        block = known.get((type_name, name))
        prefix = "" if kind == "resource" else kind + "."
        label = f"{prefix}{type_name}.{name}"
        if block is None:
            return self.missing(KINDS[kind], label, [prefix + ".".join(key) for key in known], root, file)
        self.use(kind, type_name, name)
        entry = self.schemas.entry(kind, type_name)
        if entry is None:
            return None
        return counted(types.of_schema(entry["structs"], entry["root"], label), block, label)

    def itself(self, block):
        """What `self` stands for in a resource."""
        kind, (type_name, name) = block.type, block.labels
        entry = self.schemas.entry(kind, type_name)
        return types.of_schema(entry["structs"], entry["root"], f"{type_name}.{name}") if entry else None

    def scope(self, block):
        """The names that count and for_each bring into a block."""
        if block.body.value("count") is not None:
            return {"count": types.record("count", {"index": NUMBER})}
        over = block.body.value("for_each")
        return {"each": self.each(over, block.file, {})} if over is not None else {}

    def each(self, over, file, scope):
        """What stands for the element at hand of a for_each: it has a key and a value."""
        known = self.infer.of(over, file, scope)
        value = types.element(known)
        if isinstance(known, Record):
            value = common([known.get(name) for name in known.attributes])
        return types.record("each", {"key": STRING, "value": value})


def counted(one, block, label):
    """A thing, or as many as count and for_each make of it."""
    if block.body.value("count") is not None:
        return Sequence(one, counted=label)
    if block.body.value("for_each") is not None:
        return Mapping(one, keyed=label)
    one.single = True
    return one


def type_of(node, label):
    """The type that a type constraint stands for; a ValueError says what is wrong with it."""
    if isinstance(node, Name) and node.name in ("string", "number", "bool", "any"):
        return types.NAMED[node.name]
    if isinstance(node, Call) and node.name in ("list", "set", "map", "optional") and node.arguments:
        inner = type_of(node.arguments[0], label)
        return inner if node.name == "optional" else Mapping(inner) if node.name == "map" else Sequence(inner)
    if isinstance(node, Call) and node.name == "tuple" and isinstance(node.arguments[0], Tuple):
        return Sequence()
    if isinstance(node, Call) and node.name == "object" and isinstance(node.arguments[0], Object):
        return types.record(label, {key.value: type_of(value, label) for key, value in node.arguments[0].items
                                    if isinstance(key, Literal)})
    raise ValueError(f"`{getattr(node, 'name', 'this')}` is no type: those are string, number, bool, any, list(), "
                     "set(), map(), object(), tuple()")
