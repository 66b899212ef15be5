"""What HCL is made of, as plain data: bodies, blocks and expressions, each with the line it begins at."""

from dataclasses import dataclass, field, fields, is_dataclass


@dataclass
class Literal:
    value: object
    line: int


@dataclass
class Template:
    """A string with interpolations: strings, expressions, and the two directives below."""

    parts: list
    line: int


@dataclass
class TemplateIf:
    condition: object
    yes: Template
    no: Template
    line: int


@dataclass
class For:
    """A `for` expression or directive. Without a key it makes a list; a directive makes a string."""

    names: list
    collection: object
    key: object
    value: object
    condition: object
    grouped: bool
    line: int
    directive: bool = False


@dataclass
class Name:
    name: str
    line: int


@dataclass
class Get:
    base: object
    name: str
    line: int


@dataclass
class Index:
    base: object
    key: object
    line: int


@dataclass
class Splat:
    """`base[*]`; what follows it is applied to each element."""

    base: object
    line: int


@dataclass
class Call:
    name: str
    arguments: list
    expands: bool
    line: int


@dataclass
class Tuple:
    items: list
    line: int


@dataclass
class Object:
    items: list  # pairs of expressions
    line: int

    def get(self, name):
        """The value under a key that is written out."""
        return next((value for key, value in self.items if isinstance(key, Literal) and key.value == name), None)

    def keys(self):
        """The keys, or None where one of them is computed."""
        known = [key.value for key, _ in self.items if isinstance(key, Literal)]
        return known if len(known) == len(self.items) else None


@dataclass
class Operation:
    operator: str
    operands: list
    line: int


@dataclass
class Conditional:
    condition: object
    yes: object
    no: object
    line: int


@dataclass
class Attribute:
    name: str
    value: object
    line: int


@dataclass
class Block:
    type: str
    labels: list
    body: "Body"
    line: int
    file: object = None


@dataclass
class Body:
    attributes: dict = field(default_factory=dict)
    blocks: list = field(default_factory=list)
    repeated: list = field(default_factory=list)  # attributes that are there twice

    def value(self, name):
        """The expression of an attribute, or None."""
        attribute = self.attributes.get(name)
        return attribute.value if attribute else None

    def literal(self, name):
        """The value of an attribute that is a plain literal, or None."""
        value = self.value(name)
        return value.value if isinstance(value, Literal) else None

    def blocks_of(self, kind):
        return [block for block in self.blocks if block.type == kind]


def children(node):
    """The nodes right inside a node."""
    for entry in fields(node):
        yield from inside(getattr(node, entry.name))


def inside(value):
    """The nodes in a field's value."""
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from inside(item)
    elif is_dataclass(value):
        yield value


def chain_of(node, scope):
    """The root name of a reference and the steps from it; nothing for other expressions, and where the name is one of the scope's."""
    steps = []
    while isinstance(node, (Get, Index, Splat)):
        steps.insert(0, node)
        node = node.base
    return (node, steps) if isinstance(node, Name) and node.name not in scope else None
