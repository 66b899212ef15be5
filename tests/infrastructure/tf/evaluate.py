"""Evaluates what can be known of a configuration before anything is made: names, numbers, and how many of what.

What only AWS can tell is an Unknown, which shows as `<aws_lb.public.arn>` in strings.
"""

from . import compute as functions
from .syntax import Get, Index, Name, Splat


class Unknown:
    def __init__(self, label):
        self.label = label

    def __str__(self):
        return f"<{self.label}>"

    __repr__ = __str__


class Instance:
    """A module with values for its variables."""

    def __init__(self, module, given=None, label=""):
        self.module = module
        self.given = given or {}
        self.label = label
        self.kept = {}

    def once(self, key, make):
        """A value that is found once; one that needs itself is unknown."""
        if key not in self.kept:
            self.kept[key] = Unknown(".".join(map(str, key)))
            self.kept[key] = make()
        return self.kept[key]

    def variable(self, name):
        default = self.module.variables[name].body.value("default")
        if name in self.given:
            return self.given[name]
        return Unknown(f"var.{name}") if default is None else self.once(("var", name), lambda: self.value(default, {}))

    def local(self, name):
        return self.once(("local", name), lambda: self.value(self.module.locals[name][1].value, {}))

    def output(self, name):
        return self.once(("output", name), lambda: self.value(self.module.outputs[name].body.value("value"), {}))

    def call(self, name):
        """The instances of a call of a module, by key."""
        block, called = self.module.calls[name], self.module.called[name]

        def make(scope, key):
            given = {key: self.value(entry.value, scope) for key, entry in block.body.attributes.items()
                     if key in called.variables}
            return Instance(called, given, f"{self.label}module.{name}{key}.")

        return self.once(("module", name), lambda: self.expanded(block, make))

    def resource(self, kind, type_name, name):
        """The instances of a resource, by key."""
        block = self.module.of_kind(kind)[(type_name, name)]
        return self.once((kind, type_name, name), lambda: self.expanded(block, lambda scope, key: Thing(self, block, scope, key)))

    def expanded(self, block, make):
        """What count and for_each make of a block: {key: one}; the key is None where there is one."""
        count, each = block.body.value("count"), block.body.value("for_each")
        if count is not None:
            number = self.value(count, {})
            many = range(number) if isinstance(number, int) else ()
            return {at: make({"count": {"index": at}}, f"[{at}]") for at in many}
        if each is None:
            return {None: make({}, "")}
        over = self.value(each, {})
        pairs = over if isinstance(over, dict) else {key: key for key in over} if isinstance(over, list) else {}
        return {key: make({"each": {"key": key, "value": value}}, f'["{key}"]') for key, value in pairs.items()}

    def things(self):
        """Every instance of every resource here and in the modules that are called."""
        for type_name, name in self.module.resources:
            yield from self.resource("resource", type_name, name).values()
        for name in self.module.called:
            for inner in self.call(name).values():
                yield from inner.things()

    def value(self, node, scope):
        return getattr(self, "of_" + type(node).__name__.lower())(node, scope)

    def of_literal(self, node, scope):
        return node.value

    def of_template(self, node, scope):
        parts = [part if isinstance(part, str) else self.value(part, scope) for part in node.parts]
        return "".join(functions.text(part) for part in parts)

    def of_templateif(self, node, scope):
        chosen = node.yes if self.value(node.condition, scope) is True else node.no
        return self.value(chosen, scope)

    def of_tuple(self, node, scope):
        return [self.value(item, scope) for item in node.items]

    def of_object(self, node, scope):
        return {functions.text(self.value(key, scope)): self.value(value, scope) for key, value in node.items}

    def of_conditional(self, node, scope):
        condition = self.value(node.condition, scope)
        if isinstance(condition, Unknown):
            return Unknown(f"{condition.label} ? …")
        return self.value(node.yes if condition else node.no, scope)

    def of_operation(self, node, scope):
        return functions.operate(node.operator, [self.value(operand, scope) for operand in node.operands], Unknown)

    def of_call(self, node, scope):
        arguments = [self.value(argument, scope) for argument in node.arguments]
        if node.expands and isinstance(arguments[-1], list):
            arguments = arguments[:-1] + arguments[-1]
        try:
            return functions.call(node.name, arguments, Unknown)
        except (KeyError, TypeError, ValueError, IndexError, AttributeError):
            return Unknown(f"{node.name}()")

    def of_for(self, node, scope):
        over = self.value(node.collection, scope)
        if not isinstance(over, (list, dict)):
            return Unknown("for")
        listed, mapped = [], {}
        for key, value in over.items() if isinstance(over, dict) else enumerate(over):
            inner = {**scope, **dict(zip(node.names, [value] if len(node.names) == 1 else [key, value]))}
            if node.condition is not None and self.value(node.condition, inner) is not True:
                continue
            result = self.value(node.value, inner)
            listed.append(result)
            if node.key is not None:
                mapped[functions.text(self.value(node.key, inner))] = result
        if node.directive:
            return "".join(map(functions.text, listed))
        return listed if node.key is None else mapped

    def of_name(self, node, scope):
        return scope.get(node.name, Unknown(node.name))

    def of_get(self, node, scope):
        steps = []
        base = node
        while isinstance(base, (Get, Index, Splat)):
            steps.insert(0, base)
            base = base.base
        if isinstance(base, Name) and base.name not in scope:
            found, steps = self.root(base.name, steps)
        else:
            found = self.value(base, scope)
        return self.follow(found, steps, scope)

    of_index = of_splat = of_get

    def root(self, name, steps):
        """What the first steps of a reference stand for, and the steps left."""
        simple = {"var": self.variable, "local": self.local}
        if name in simple:
            return simple[name](steps[0].name), steps[1:]
        if name in ("path", "terraform", "each", "count", "self"):
            return Unknown(name), steps
        if name == "module":
            return whole(self.call(steps[0].name)), steps[1:]
        if name in ("data", "ephemeral"):
            return whole(self.resource(name, steps[0].name, steps[1].name)), steps[2:]
        return whole(self.resource("resource", name, steps[0].name)), steps[1:]

    def follow(self, found, steps, scope):
        for at, step in enumerate(steps):
            if isinstance(step, Splat):
                many = found if isinstance(found, list) else list(found.values()) if isinstance(found, dict) else [found]
                return [self.follow(one, steps[at + 1:], scope) for one in many]
            key = step.name if isinstance(step, Get) else self.value(step.key, scope)
            found = one_step(found, key)
        return found


class Thing:
    """An instance of a resource or data source."""

    def __init__(self, instance, block, scope, key):
        self.instance, self.block, self.scope = instance, block, scope
        self.type = block.labels[0]
        prefix = "" if block.type == "resource" else block.type + "."
        self.label = instance.label + prefix + ".".join(block.labels) + key

    def get(self, name):
        """An attribute that is given, or one that only AWS knows."""
        value = self.block.body.value(name)
        if value is None:
            return Unknown(f"{self.label}.{name}")
        return self.instance.value(value, self.scope)

    def given(self, name, otherwise=None):
        """An attribute, or a default where it is not given."""
        value = self.get(name) if name in self.block.body.attributes else None
        return otherwise if value is None else value

    def blocks(self, kind):
        """The nested blocks of a kind, as dictionaries; dynamic ones are expanded."""
        return nested(self.instance, self.block.body, kind, self.scope)


def nested(instance, body, kind, scope):
    found = [filled(instance, block.body, scope) for block in body.blocks_of(kind)]
    for block in body.blocks_of("dynamic"):
        if block.labels != [kind]:
            continue
        over = instance.value(block.body.value("for_each"), scope)
        iterator = getattr(block.body.value("iterator"), "name", kind)
        pairs = over.items() if isinstance(over, dict) else ((item, item) for item in over) if isinstance(over, list) else ()
        content = block.body.blocks_of("content")[0].body
        found += [filled(instance, content, {**scope, iterator: {"key": key, "value": value}}) for key, value in pairs]
    return found


def filled(instance, body, scope):
    """A body as a dictionary, each kind of block in it a list."""
    values = {name: instance.value(entry.value, scope) for name, entry in body.attributes.items()}
    kinds = {block.labels[0] if block.type == "dynamic" else block.type for block in body.blocks}
    return {**values, **{kind: nested(instance, body, kind, scope) for kind in kinds}}


def whole(instances):
    """All instances as Terraform shows them: one, a list or a map."""
    if isinstance(instances, Unknown) or set(instances) == {None}:
        return instances if isinstance(instances, Unknown) else instances[None]
    return list(instances.values()) if all(isinstance(key, int) for key in instances) else instances


def one_step(found, key):
    if isinstance(found, Instance):
        return found.output(key)
    if isinstance(found, Thing):
        return found.get(key)
    if isinstance(found, list) and isinstance(key, int) and key < len(found):
        return found[key]
    if isinstance(found, dict) and key in found:
        return found[key]
    return Unknown(f"{found.label if isinstance(found, Unknown) else '…'}.{key}")
