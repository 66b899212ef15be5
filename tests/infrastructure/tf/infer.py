"""Follows every reference in an expression, and says what type of value comes out."""

from . import types
from .functions import FUNCTIONS
from .report import meant
from .syntax import Index, Literal, Splat, chain_of, children
from .types import BOOL, NUMBER, STRING, Each, Mapping, Record, Scalar, Sequence

TRYING = ("try", "can")
BOOLEAN = ("==", "!=", "<", ">", "<=", ">=", "&&", "||", "!")


class Infer:
    """Types of the expressions of one module. `roots` resolves what a name at the beginning stands for."""

    def __init__(self, roots, report, files, functions=FUNCTIONS):
        self.roots = roots
        self.report = report
        self.files = files
        self.functions = functions
        self.trying = 0  # inside of how many functions that expect a fault

    def of(self, node, file, scope):
        """The type of an expression; what cannot be resolved is reported."""
        return getattr(self, "of_" + type(node).__name__.lower())(node, file, scope)

    def of_literal(self, node, file, scope):
        kinds = {bool: BOOL, int: NUMBER, float: NUMBER, str: STRING}
        return kinds.get(type(node.value))

    def of_template(self, node, file, scope):
        for part in node.parts:
            if not isinstance(part, str):
                self.of(part, file, scope)
        return STRING

    def of_templateif(self, node, file, scope):
        for part in children(node):
            self.of(part, file, scope)
        return STRING

    def of_tuple(self, node, file, scope):
        items = [self.of(item, file, scope) for item in node.items]
        return Sequence(common(items))

    def of_object(self, node, file, scope):
        known = {}
        for key, value in node.items:
            self.of(key, file, scope)
            known[key.value if isinstance(key, Literal) else None] = self.of(value, file, scope)
        if None in known:
            return Mapping(common(list(known.values())))
        return types.record("the object", known)

    def of_operation(self, node, file, scope):
        for operand in node.operands:
            self.of(operand, file, scope)
        return BOOL if node.operator in BOOLEAN else NUMBER

    def of_conditional(self, node, file, scope):
        self.of(node.condition, file, scope)
        return common([self.of(node.yes, file, scope), self.of(node.no, file, scope)])

    def of_for(self, node, file, scope):
        collection = self.of(node.collection, file, scope)
        inner = {**scope, **loop_names(node.names, collection)}
        for part in (node.key, node.condition):
            if part is not None:
                self.of(part, file, inner)
        value = self.of(node.value, file, inner)
        if node.directive:
            return STRING
        if node.key is None:
            return Sequence(value)
        return Mapping(Sequence(value) if node.grouped else value)

    def of_call(self, node, file, scope):
        self.trying += node.name in TRYING
        arguments = [self.of(argument, file, scope) for argument in node.arguments]
        self.trying -= node.name in TRYING
        known = self.functions.get(node.name.removeprefix("core::"))
        if known is None:
            if not node.name.startswith("provider::"):
                self.tell(file, node, f"there is no function `{node.name}`{meant(node.name, self.functions)}")
            return None
        fewest, most, gives = known
        many = most is not None and len(arguments) > most
        if not node.expands and (many or len(arguments) < fewest):
            wanted = f"{fewest}" if most is not None else f"at least {fewest}"
            self.tell(file, node, f"`{node.name}` takes {wanted} arguments, not {len(arguments)}")
            return None
        self.files.check(self, node, file, arguments)
        return result_of(node.name, arguments) if gives in ("any", "list", "map") else types.NAMED[gives]

    def of_name(self, node, file, scope):
        if node.name in scope:
            return scope[node.name]
        return self.roots.bare(node, file, scope)

    def of_get(self, node, file, scope):
        chain = chain_of(node, scope)
        if chain:
            found, rest = self.roots.resolve(chain, file, scope)
            for step in rest:
                found = self.step(found, step, file, scope)
            return found
        return self.step(self.of(node.base, file, scope), node, file, scope)

    def of_index(self, node, file, scope):
        return self.of_get(node, file, scope)

    def of_splat(self, node, file, scope):
        return self.of_get(node, file, scope)

    def step(self, known, node, file, scope):
        """The type one step further."""
        if isinstance(node, Splat):
            return self.splat(known, node, file)
        if isinstance(node, Index):
            key = self.of(node.key, file, scope)
            return self.index(known, node, key, file)
        return self.get(known, node.name, node, file)

    def get(self, known, name, node, file):
        if isinstance(known, Record):
            if name in known.attributes:
                return known.get(name)
            self.tell(file, node, f"{known.label} has no attribute `{name}`{meant(name, known.attributes)}")
        elif isinstance(known, Each):
            return Each(self.get(known.element, name, node, file))
        elif isinstance(known, Sequence) and known.loose:
            return self.get(known.element, name, node, file)
        elif isinstance(known, Sequence):
            why = f"{known.counted} has count" if known.counted else "this is a list"
            self.tell(file, node, f"{why}: its elements have attributes, as in `[0].{name}` or `[*].{name}`")
        elif isinstance(known, Mapping):
            if known.keyed:
                self.tell(file, node, f'{known.keyed} has for_each: its instances have attributes, as in `["key"].{name}`')
            return known.element
        elif isinstance(known, Scalar):
            self.tell(file, node, f"a {known.kind} has no attribute `{name}`")
        return None

    def index(self, known, node, key, file):
        if isinstance(known, Record) and isinstance(node.key, Literal):
            if isinstance(node.key.value, str) and not known.single:
                return self.get(known, node.key.value, node, file)
            if known.single:
                self.tell(file, node, f"{known.label} has neither count nor for_each: it is one, without an index")
        elif isinstance(known, Scalar):
            self.tell(file, node, f"a {known.kind} has no elements")
        elif isinstance(known, Sequence) and key == STRING and isinstance(node.key, Literal) and known.counted:
            self.tell(file, node, f"{known.counted} has count: its index is a number")
        elif isinstance(known, Mapping) and known.keyed and key == NUMBER:
            self.tell(file, node, f"{known.keyed} has for_each: its index is a key")
        if isinstance(known, Each) and isinstance(known.element, (Sequence, Mapping)):
            return Each(known.element.element)
        return types.element(known)

    def splat(self, known, node, file):
        if isinstance(known, Mapping) and known.keyed:
            self.tell(file, node, f"{known.keyed} has for_each: write `values({known.keyed})[*]`")
            return None
        return Each(types.element(known) if isinstance(known, (Sequence, Each)) else known)

    def tell(self, file, node, message):
        if not self.trying:
            self.report.add(file, node.line, message)


def loop_names(names, collection):
    """What the names of a `for` stand for."""
    inner = types.element(collection)
    if isinstance(collection, Record) and not collection.single:
        inner = common([collection.get(name) for name in collection.attributes])
    if len(names) == 1:
        return {names[0]: inner}
    key = NUMBER if isinstance(collection, Sequence) else STRING if isinstance(collection, (Mapping, Record)) else None
    return {names[0]: key, names[1]: inner}


def common(known):
    """The type that values share, or None."""
    known = [item.element and Sequence(item.element) if isinstance(item, Each) else item for item in known]
    if not known or any(item is None for item in known):
        return None
    first = known[0]
    if all(isinstance(item, Record) for item in known):
        return first if len(known) == 1 else shared(known)
    return first if all(type(item) is type(first) for item in known) and first_scalar(known) else None


def shared(records):
    """What all of some records have."""
    names = [name for name in records[0].attributes if all(name in other.attributes for other in records)]
    return Record("each of these objects", {
        name: (lambda name=name: common([one.get(name) for one in records])) for name in names})


def first_scalar(known):
    return not isinstance(known[0], Scalar) or len(set(known)) == 1


def result_of(name, arguments):
    """What a function gives whose result depends on what it is given."""
    first = arguments[0] if arguments else None
    inner = types.element(first)
    if name == "values" and isinstance(first, Mapping):
        return Sequence(inner)
    if name == "merge" and arguments and all(isinstance(item, Record) for item in arguments):
        return Record("the merged object", {key: value for item in arguments for key, value in item.attributes.items()})
    if name == "keys":
        return Sequence(STRING)
    if name in ("one", "element"):
        return inner
    if name in ("toset", "tolist", "distinct", "reverse", "slice", "setsubtract") and isinstance(first, (Sequence, Each)):
        return Sequence(inner)
    if name in ("nonsensitive", "sensitive", "tomap"):
        return first if not isinstance(first, Record) else None
    return None
