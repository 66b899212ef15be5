"""Reads HCL: python-hcl2 parses, and what it finds becomes the plain data of syntax.py."""

import hcl2
from lark import Token
from lark.exceptions import UnexpectedInput

from . import template
from .syntax import (
    Attribute, Block, Body, Call, Conditional, For, Get, Index, Literal, Name, Object, Operation, Splat, Tuple,
)

CONSTANTS = {"true": True, "false": False, "null": None}


class SyntaxFault(Exception):
    """A file that is not HCL."""

    def __init__(self, line, message):
        super().__init__(message)
        self.line = line
        self.message = message


def read(path):
    """The body of a file, its blocks told which file they are from."""
    body = parse(path.read_text(encoding="utf-8"))
    for block in body.blocks:
        block.file = path
    return body


def parse(text):
    """The body that a text is."""
    try:
        tree = hcl2.parses_to_tree(text if text.endswith("\n") else text + "\n")
    except UnexpectedInput as fault:
        found = getattr(fault, "token", None) or getattr(fault, "char", "the end of the file")
        raise SyntaxFault(max(fault.line, 1), f"unexpected {str(found).strip()!r}") from fault
    return body_of(tree.children[0])


def parse_expression(text):
    """The expression that a text is."""
    return parse(f"x = {text}\n").value("x")


def body_of(tree):
    body = Body()
    for child in tree.children:
        if kind(child) == "attribute":
            attribute = attribute_of(child)
            if attribute.name in body.attributes:
                body.repeated.append(attribute)
            body.attributes[attribute.name] = attribute
        elif kind(child) == "block":
            body.blocks.append(block_of(child))
    return body


def attribute_of(tree):
    return Attribute(text_of(tree.children[0]), expression(tree.children[-1]), line_of(tree))


def block_of(tree):
    named = [child for child in tree.children if kind(child) in ("identifier", "keyword", "literal_value", "string")]
    inner = next(child for child in tree.children if kind(child) == "body")
    labels = [text_of(name).strip('"') for name in named[1:]]
    return Block(text_of(named[0]), labels, body_of(inner), line_of(tree))


def expression(tree):
    """The expression that a part of the tree is."""
    if kind(tree) == "expr_term":
        return expression(next(child for child in meaningful(tree)))
    return EXPRESSIONS[kind(tree)](tree)


def literal(tree):
    return Literal(CONSTANTS[text_of(tree)], line_of(tree))


def number(tree):
    text = text_of(tree)
    return Literal(int(text) if kind(tree) == "int_lit" else float(text), line_of(tree))


def string(tree):
    parts = [part_of(child.children[0]) for child in tree.children if kind(child) == "string_part"]
    return template.assemble(parts, line_of(tree))


def part_of(part):
    """One part of a quoted string, as template.assemble takes it."""
    if isinstance(part, Token):
        return template.unescape(str(part))
    inner = meaningful(part)
    if kind(part) == "interpolation":
        return expression(inner[0])
    keyword = kind(part).removeprefix("template_").removesuffix("_start")
    names = [text_of(name) for name in inner[:-1]]
    return template.Directive(keyword, names, expression(inner[-1]) if inner else None, line_of(part))


def heredoc(tree):
    return template.heredoc(text_of(tree), line_of(tree), parse_expression, kind(tree).endswith("trim"))


def call(tree):
    names = [text_of(child) for child in tree.children if kind(child) == "identifier"]
    arguments, expands = [], False
    for child in tree.children:
        if kind(child) == "arguments":
            arguments = [expression(argument) for argument in meaningful(child)]
            expands = any(str(token) == "..." for token in child.children if isinstance(token, Token))
    return Call("::".join(names), arguments, expands, line_of(tree))


def get_attribute(tree):
    base, step = meaningful(tree)
    return follow(expression(base), step)


def splat(tree):
    base, steps = meaningful(tree)
    result = Splat(expression(base), line_of(tree))
    for step in meaningful(steps):
        result = follow(result, step)
    return result


def follow(base, step):
    """An expression one step further: `.name`, `[key]` or `.0`."""
    line = line_of(step)
    if kind(step) == "get_attr":
        return Get(base, text_of(step.children[-1]), line)
    if kind(step) == "short_index":
        return Index(base, Literal(int(str(step.children[-1])), line), line)
    return Index(base, expression(meaningful(step)[0]), line)


def for_of(tree):
    intro, *rest = meaningful(tree)
    condition = rest.pop() if kind(rest[-1]) == "for_cond" else None
    *names, collection = meaningful(intro)
    key = expression(rest[0]) if len(rest) == 2 else None
    return For(
        names=[text_of(name) for name in names],
        collection=expression(collection),
        key=key,
        value=expression(rest[-1]),
        condition=expression(meaningful(condition)[0]) if condition else None,
        grouped=any(str(token) == "..." for token in tree.children if isinstance(token, Token)),
        line=line_of(tree),
    )


def object_of(tree):
    return Object([element(child) for child in meaningful(tree)], line_of(tree))


def element(tree):
    """A key and its value; a bare name is a key as it stands."""
    key, value = meaningful(tree)
    inner = key.children[0]
    bare = kind(inner) == "keyword" or (kind(inner) == "expr_term" and kind(inner.children[0]) == "identifier")
    return (Literal(text_of(inner), line_of(key)) if bare else expression(inner), expression(value))


def binary(tree):
    left, term = meaningful(tree)
    operator, right = meaningful(term)
    return Operation(text_of(operator), [expression(left), expression(right)], line_of(tree))


def unary(tree):
    return Operation(str(tree.children[0]), [expression(tree.children[1])], line_of(tree))


def conditional(tree):
    condition, yes, no = meaningful(tree)
    return Conditional(expression(condition), expression(yes), expression(no), line_of(tree))


EXPRESSIONS = {
    "literal_value": literal,
    "int_lit": number,
    "float_lit": number,
    "string": string,
    "template_string": lambda tree: Literal(text_of(tree).strip('\\"'), line_of(tree)),
    "heredoc_template": heredoc,
    "heredoc_template_trim": heredoc,
    "identifier": lambda tree: Name(text_of(tree), line_of(tree)),
    "keyword": lambda tree: Name(text_of(tree), line_of(tree)),
    "function_call": call,
    "get_attr_expr_term": get_attribute,
    "index_expr_term": get_attribute,
    "attr_splat_expr_term": splat,
    "full_splat_expr_term": splat,
    "for_tuple_expr": for_of,
    "for_object_expr": for_of,
    "tuple": lambda tree: Tuple([expression(child) for child in meaningful(tree)], line_of(tree)),
    "object": object_of,
    "binary_op": binary,
    "unary_op": unary,
    "conditional": conditional,
}


def kind(tree):
    return "" if isinstance(tree, Token) else str(tree.data)


def meaningful(tree):
    """The children that are neither tokens nor line ends."""
    return [child for child in tree.children if kind(child) not in ("", "new_line_or_comment")]


def tokens(tree):
    if isinstance(tree, Token):
        yield tree
        return
    for child in tree.children:
        yield from tokens(child)


def text_of(tree):
    return "".join(str(token) for token in tokens(tree))


def line_of(tree):
    return next(token.line for token in tokens(tree))
