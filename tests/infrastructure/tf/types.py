"""What is known of a value before Terraform runs. None stands for a value of which nothing is known."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Scalar:
    kind: str  # string, number, bool


@dataclass(frozen=True)
class Sequence:
    """A list or set. A loose one is a nested block, which providers keep as a list or as one object."""

    element: object = None
    loose: bool = False
    counted: str = ""  # the resource whose `count` it comes from


@dataclass(frozen=True)
class Mapping:
    element: object = None
    keyed: str = ""  # the resource whose `for_each` it comes from


@dataclass(frozen=True)
class Each:
    """What a splat gives: each further step is taken on the element."""

    element: object = None


@dataclass
class Record:
    """A value with known attributes, each of which says its type when it is asked for."""

    label: str
    attributes: dict = field(default_factory=dict)
    single: bool = False  # a resource without count or for_each

    def get(self, name):
        return self.attributes[name]()


STRING, NUMBER, BOOL = Scalar("string"), Scalar("number"), Scalar("bool")
NAMED = {"string": STRING, "number": NUMBER, "bool": BOOL, "list": Sequence(), "map": Mapping(),
         "strings": Sequence(STRING), "numbers": Sequence(NUMBER), "any": None}


def record(label, types, single=False):
    """A record of types that are known already."""
    return Record(label, {name: (lambda known=known: known) for name, known in types.items()}, single)


def element(known):
    """What is inside a collection."""
    if isinstance(known, (Sequence, Mapping, Each)):
        return known.element
    return None


def of_schema(structs, name, label):
    """The type of a struct of a provider's schema."""
    def inner(attribute, entry):
        if entry.get("of") in structs:
            known = of_schema(structs, entry["of"], f"{label}.{attribute}")
            return Mapping(known) if entry["type"] == "map" else Sequence(known, loose=True)
        return None if "of" in entry else NAMED[entry["type"]]

    attributes = {key: (lambda key=key, entry=entry: inner(key, entry)) for key, entry in structs[name].items()}
    return Record(label, attributes)
