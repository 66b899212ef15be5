"""Strings with `${…}` and `%{…}`: in quotes, in heredocs, and in template files."""

import re
import textwrap
from dataclasses import dataclass

from .syntax import For, Literal, Template, TemplateIf, children

ESCAPES = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\(.)")
FOR = re.compile(r"for\s+(\w+)\s*(?:,\s*(\w+)\s*)?in\s(.*)", re.S)


@dataclass
class Directive:
    keyword: str
    names: list
    expression: object
    line: int


def unescape(text):
    """What a piece of a quoted string says."""
    text = ESCAPE.sub(lambda found: chr(int(found[1], 16)) if found[1] else ESCAPES.get(found[2], found[2]), text)
    return text.replace("$${", "${").replace("%%{", "%{")


def assemble(parts, line):
    """A literal where nothing is interpolated, else a template, its directives nested."""
    if all(isinstance(part, str) for part in parts):
        return Literal("".join(parts), line)
    return Template(nest(iter(parts), ())[0], line)


def nest(parts, ends):
    """Parts up to a directive that ends them, and which one that is."""
    found = []
    for part in parts:
        if not isinstance(part, Directive):
            found.append(part)
        elif part.keyword in ends:
            return found, part.keyword
        elif part.keyword == "for":
            inner = Template(nest(parts, ("endfor",))[0], part.line)
            found.append(For(part.names, part.expression, None, inner, None, False, part.line, directive=True))
        elif part.keyword == "if":
            found.append(choice(part, parts))
    return found, None


def choice(part, parts):
    yes, end = nest(parts, ("else", "endif"))
    no = nest(parts, ("endif",))[0] if end == "else" else []
    return TemplateIf(part.expression, Template(yes, part.line), Template(no, part.line), part.line)


def heredoc(text, line, parse_expression, indented):
    """A heredoc, from its `<<` to its end marker."""
    content = text.split("\n", 1)[1].rstrip("\n").rpartition("\n")[0] + "\n"
    if indented:
        content = textwrap.dedent(content)
    return read(content, line + 1, parse_expression)


def read(text, line, parse_expression):
    """The template that a text is."""
    parts = []
    for piece, at in pieces(text):
        here = line + at
        if piece.startswith("${"):
            parts.append(moved(parse_expression(piece[2:-1].strip("~ \n\t")), here))
        elif piece.startswith("%{"):
            parts.append(directive(piece[2:-1].strip("~ \n\t"), here, parse_expression))
        else:
            parts.append(piece.replace("$${", "${").replace("%%{", "%{"))
    return assemble(parts, line)


def directive(text, line, parse_expression):
    keyword = text.split(None, 1)[0]
    loop = FOR.fullmatch(text)
    if loop:
        names = [name for name in loop.groups()[:2] if name]
        return Directive("for", names, moved(parse_expression(loop[3]), line), line)
    condition = text[len(keyword):].strip()
    return Directive(keyword, [], moved(parse_expression(condition), line) if condition else None, line)


def pieces(text):
    """Literal pieces, and interpolations as written, each with the line within the text."""
    at = start = 0
    while at < len(text):
        if text.startswith(("$${", "%%{"), at):
            at += 3
        elif text.startswith(("${", "%{"), at):
            if at > start:
                yield text[start:at], text.count("\n", 0, start)
            end = end_of(text, at + 2)
            yield text[at:end], text.count("\n", 0, at)
            start = at = end
        else:
            at += 1
    if at > start:
        yield text[start:at], text.count("\n", 0, start)


def end_of(text, at):
    """Where the brace that is open at a place is closed."""
    depth, quoted = 1, False
    while at < len(text) and depth:
        character = text[at]
        if character == "\\" and quoted:
            at += 1
        elif character == '"':
            quoted = not quoted
        elif not quoted:
            depth += {"{": 1, "}": -1}.get(character, 0)
        at += 1
    return at


def moved(node, line):
    """An expression, all of it put at a line."""
    node.line = line
    for child in children(node):
        moved(child, line)
    return node
