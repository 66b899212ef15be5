"""Compares what stands in a block with what may stand there, and resolves the references in it."""

from . import builtin, types
from .module import KINDS
from .report import meant
from .roots import type_of
from .schema import provider_of
from .syntax import Get, Literal, Name, Object, Tuple, chain_of

ADDRESSES = ("from", "to")
BARE = {"when": ("create", "destroy"), "on_failure": ("continue", "fail")}


class Blocks:
    """Checks the blocks of one module."""

    def __init__(self, roots, schemas, report):
        self.roots = roots
        self.module = roots.module
        self.schemas = schemas
        self.report = report

    def check(self):
        for block in self.module.blocks:
            self.top(block)
        for name in self.module.locals:
            self.roots.local_type(name)

    def top(self, block):
        """Checks a block of the top level."""
        self.roots.owner = ("var" if block.type == "variable" else block.type, *block.labels)
        if block.type in KINDS:
            self.typed(block)
        elif block.type == "provider":
            entry = self.schemas.provider(block.labels[0])["provider"].get(block.labels[0])
            self.with_schema(block, entry, builtin.PROVIDER_META, {})
        elif block.type == "locals":
            pass
        elif block.type == "check":
            self.check_block(block)
        else:
            self.body(block.body, block, builtin.STRUCTS[block.type], builtin.STRUCTS, f"`{block.type}`",
                      self.roots.scope(block) if block.type in ("module", "import") else {})
            self.variable_type(block)
        self.roots.owner = None

    def typed(self, block):
        """Checks a resource or data source."""
        kind, name = block.type, block.labels[0]
        entry = self.schemas.entry(kind, name)
        if entry is None:
            known = self.schemas.types(kind, provider_of(name))
            self.report.add(block.file, block.line, f"there is no {KINDS[kind]} type `{name}`{meant(name, known)}")
            self.body(block.body, block, {"*": {}}, builtin.STRUCTS, f"`{name}`", self.roots.scope(block))
            return
        meta = builtin.RESOURCE_META if kind == "resource" else builtin.DATA_META
        if "count" in block.body.attributes and "for_each" in block.body.attributes:
            self.tell(block, block, "has both count and for_each")
        self.with_schema(block, entry, meta, self.roots.scope(block))

    def with_schema(self, block, entry, meta, scope):
        """Checks a body against a provider's struct and what Terraform adds to it."""
        if entry is None:
            return
        structs = {**builtin.STRUCTS, **entry["structs"]}
        struct = {**entry["structs"][entry["root"]], **meta}
        self.body(block.body, block, struct, structs, f"`{block.labels[0]}`", scope)

    def check_block(self, block):
        for inner in block.body.blocks:
            if inner.type == "data" and len(inner.labels) == 2:
                inner.file = block.file
                self.typed(inner)
        for inner in block.body.blocks_of("assert"):
            self.body(inner.body, block, builtin.CONDITION, builtin.STRUCTS, "`assert`", {})

    def variable_type(self, block):
        """A variable's type is one, and its default is of it."""
        if block.type == "variable" and block.body.value("type") is not None:
            try:
                declared = type_of(block.body.value("type"), "")
            except ValueError as fault:
                self.tell(block, block.body.attributes["type"], str(fault))
                return
            self.default(block, declared)

    def default(self, block, declared):
        value = block.body.value("default")
        collection = isinstance(declared, (types.Sequence, types.Mapping, types.Record))
        if value is None or declared is None or (isinstance(value, Literal) and value.value is None):
            return
        if collection != isinstance(value, (Tuple, Object)):
            self.tell(block, block.body.attributes["default"], "the default is not of the variable's type")

    def body(self, body, top, struct, structs, where, scope):
        """Checks a body, with those inside it."""
        for attribute in body.repeated:
            self.tell(top, attribute, f"`{attribute.name}` is given twice in {where}")
        for attribute in body.attributes.values():
            self.attribute(attribute, top, struct, structs, where, scope)
        if "*" not in struct:
            self.required(body, top, struct, where)
        seen = {}
        for block in body.blocks:
            self.nested(block, top, struct, structs, where, scope, seen)

    def attribute(self, attribute, top, struct, structs, where, scope):
        field = struct.get(attribute.name, struct.get("*"))
        name = attribute.name
        if field is None:
            self.tell(top, attribute, f"{where} has no argument `{name}`{meant(name, settable(struct))}")
        elif field.get("computed"):
            self.tell(top, attribute, f"`{name}` of {where} can be read, but not set")
        elif field.get("block"):
            self.tell(top, attribute, f"`{name}` of {where} is a block: write `{name} {{ … }}`")
        elif field:
            self.shape(attribute, top, field, structs, where)
        self.value(attribute, top, struct, scope)

    def value(self, attribute, top, struct, scope):
        """Resolves the references of an attribute, in the way of its name."""
        name, value = attribute.name, attribute.value
        if top.type == "variable" and name == "type":
            return
        if name in BARE and isinstance(value, Name) and value.name in BARE[name]:
            return
        if name == "ignore_changes" and top.type == "resource":
            self.ignored(value, top)
        elif name == "depends_on" and isinstance(value, Tuple):
            for item in value.items:
                self.address(item, top, scope)
        elif name in ADDRESSES and top.type in ("moved", "import", "removed"):
            self.moved(attribute, top)
        elif name == "provider" and top.type in KINDS:
            self.provider(value, top)
        elif name == "providers" and top.type == "module" and isinstance(value, Object):
            for _, item in value.items:
                self.provider(item, top)
        else:
            self.roots.infer.of(value, top.file, scope)

    def shape(self, attribute, top, field, structs, where):
        """Whether a value that is written out can be what the provider wants."""
        value, wanted = attribute.value, field["type"]
        written = "list" if isinstance(value, Tuple) else "map" if isinstance(value, Object) else None
        if isinstance(value, Literal) and value.value is not None:
            written = "plain value"
        scalar = wanted in ("string", "number", "bool")
        if written and wanted != "any" and (scalar != (written == "plain value") or (not scalar and written != wanted)):
            article = "an" if wanted[0] in "aeiou" else "a"
            self.tell(top, attribute, f"`{attribute.name}` of {where} is {article} {wanted}, and not a {written}")
        inner = structs.get(field.get("of"))
        objects = value.items if isinstance(value, Tuple) else [value]
        for item in objects if inner else []:
            if isinstance(item, Object):
                self.keys(item, top, inner, f"`{attribute.name}` of {where}")

    def keys(self, item, top, struct, where):
        """The keys of an object that an attribute is given."""
        given = item.keys()
        if given is None:
            return
        for key in given:
            if key not in struct:
                self.report.add(top.file, item.line, f"{where} has no argument `{key}`{meant(key, settable(struct))}")
        for name, field in struct.items():
            if field.get("required") and name not in given:
                self.report.add(top.file, item.line, f"{where} needs `{name}`")

    def required(self, body, top, struct, where):
        dynamic = {block.labels[0] for block in body.blocks_of("dynamic") if block.labels}
        given = {*body.attributes, *(block.type for block in body.blocks), *dynamic}
        for name, field in struct.items():
            if field.get("required") and name not in given:
                what = "a block" if field.get("block") else "the argument"
                line = body.line if hasattr(body, "line") else top.line
                self.report.add(top.file, line, f"{where} needs {what} `{name}`")

    def nested(self, block, top, struct, structs, where, scope, seen):
        """Checks a block in a block."""
        name, body = block.type, block.body
        if name == "dynamic" and block.labels:
            name, body, scope = self.dynamic(block, top, scope)
        field = struct.get(name, struct.get("*"))
        if field is None or field.get("computed"):
            self.tell(top, block, f"{where} has no block `{name}`{meant(name, settable(struct))}")
            return
        if field and not as_block(field):
            self.tell(top, block, f"`{name}` of {where} is an argument: write `{name} = …`")
            return
        seen[name] = seen.get(name, 0) + 1
        if field.get("single") and seen[name] == 2:
            self.tell(top, block, f"{where} takes one block `{name}` at most")
        if name in ("postcondition", "provisioner", "connection"):
            scope = {**scope, "self": self.roots.itself(top)}
        inner = backend(block) if name == "backend" else structs.get(field.get("of"), {"*": {}})
        body.line = block.line
        if name != "required_providers":
            self.body(body, top, inner, structs, f"`{name}` of {where}" if top.labels else f"`{name}`", scope)

    def dynamic(self, block, top, scope):
        """The name, the content and the scope of the blocks that a dynamic block makes."""
        name = block.labels[0]
        contents = block.body.blocks_of("content")
        over = block.body.value("for_each")
        for attribute in block.body.attributes.values():
            if attribute.name not in ("for_each", "iterator", "labels"):
                self.tell(top, attribute, f"`dynamic` has no argument `{attribute.name}`")
        if over is None or len(contents) != 1:
            self.tell(top, block, "`dynamic` needs `for_each` and one block `content`")
        iterator = block.body.value("iterator")
        each = self.roots.each(over, top.file, scope) if over is not None else None
        known = iterator.name if isinstance(iterator, Name) else name
        content = contents[0].body if contents else type(block.body)()
        return name, content, {**scope, known: each}

    def ignored(self, value, top):
        """The arguments that lifecycle.ignore_changes names."""
        entry = self.schemas.entry(top.type, top.labels[0])
        struct = entry["structs"][entry["root"]]
        for item in value.items if isinstance(value, Tuple) else []:
            root, _ = chain_of(item, {}) or (None, None)
            if root is None or root.name not in struct:
                name = root.name if root else "this"
                self.report.add(top.file, item.line, f"`{top.labels[0]}` has no argument `{name}` to ignore{meant(name, struct)}")

    def address(self, node, top, scope):
        """A whole resource, data source or module; one that is not there is reported by the resolver."""
        chain = chain_of(node, scope)
        if chain is None:
            self.report.add(top.file, node.line, "depends_on takes references to resources and modules")
            return
        _, rest = self.roots.resolve(chain, top.file, scope)
        if any(isinstance(step, Get) for step in rest):
            self.report.add(top.file, node.line, "depends_on takes a whole resource, not one of its attributes")

    def moved(self, attribute, top):
        if attribute.name == "to":
            self.address(attribute.value, top, {})

    def provider(self, node, top):
        """A provider's configuration, such as `aws.west`."""
        name = node.base.name + "." + node.name if isinstance(node, Get) else getattr(node, "name", "")
        known = {configured(block) for block in self.module.providers} | set(self.module.required_providers)
        if name not in known:
            self.report.add(top.file, node.line, f"there is no provider configuration `{name}`{meant(name, known)}")

    def tell(self, top, what, message):
        self.report.add(top.file, what.line, message)


def backend(block):
    """What the configuration of a backend may hold; that of others than s3 is not looked at."""
    return builtin.STRUCTS["s3_backend" if block.labels == ["s3"] else "free"]


def as_block(field):
    """Terraform takes blocks also for an attribute that is a list of objects, such as a security group's ingress."""
    return field.get("block") or ("of" in field and field["type"] == "list")


def configured(block):
    alias = block.body.literal("alias")
    return f"{block.labels[0]}.{alias}" if alias else block.labels[0]


def settable(struct):
    return [name for name, field in struct.items() if not field.get("computed")]
