"""Terraform's operators and those of its functions that names are made with, for evaluate.py."""

import itertools
import json
import operator
import re


def text(value):
    """A value as it stands in a string."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def unique(items):
    return sorted(set(items)) if all(isinstance(item, str) for item in items) else list(dict.fromkeys(map(repr, items)))


def merged(maps):
    return {key: value for one in maps if one is not None for key, value in one.items()}


def looked_up(table, key, *otherwise):
    return table[key] if key in table or not otherwise else otherwise[0]


def formatted(pattern, *values):
    left = iter(values)
    return re.sub(r"%%|%[-+0-9.]*[a-z]", lambda found: "%" if found[0] == "%%" else text(next(left)), pattern)


def found_in(pattern, given):
    """What `regex` gives: the whole match, or its groups."""
    found = re.search(pattern, given)
    return list(found.groups()) if found.groups() else found[0]


FUNCTIONS = {
    "alltrue": all,
    "anytrue": any,
    "coalesce": lambda *values: next(value for value in values if value not in (None, "")),
    "compact": lambda items: [item for item in items if item not in (None, "")],
    "concat": lambda *lists: list(itertools.chain(*lists)),
    "contains": lambda items, wanted: wanted in items,
    "distinct": lambda items: list(dict.fromkeys(items)),
    "endswith": str.endswith,
    "flatten": lambda items: [inner for item in items for inner in (item if isinstance(item, list) else [item])],
    "format": formatted,
    "index": list.index,
    "join": lambda between, *lists: between.join(text(item) for one in lists for item in one),
    "jsonencode": lambda value: json.dumps(value, default=str),
    "keys": lambda table: sorted(table),
    "length": len,
    "lookup": looked_up,
    "lower": str.lower,
    "max": max,
    "merge": lambda *maps: merged(maps),
    "min": min,
    "nonsensitive": lambda value: value,
    "one": lambda items: items[0] if items else None,
    "range": lambda *bounds: list(range(*bounds)),
    "regex": found_in,
    "replace": lambda given, old, new: given.replace(old, new),
    "reverse": lambda items: items[::-1],
    "sensitive": lambda value: value,
    "setproduct": lambda *lists: [list(items) for items in itertools.product(*lists)],
    "slice": lambda items, first, last: items[first:last],
    "sort": sorted,
    "split": lambda between, given: given.split(between),
    "startswith": str.startswith,
    "tolist": list,
    "tomap": dict,
    "tonumber": lambda value: int(value) if isinstance(value, str) else value,
    "toset": unique,
    "tostring": text,
    "trimprefix": str.removeprefix,
    "trimspace": str.strip,
    "trimsuffix": str.removesuffix,
    "upper": str.upper,
    "values": lambda table: [table[key] for key in sorted(table)],
    "zipmap": lambda keys, values: dict(zip(keys, values)),
}
KEEPS_UNKNOWN = ("concat", "flatten", "jsonencode", "join", "merge", "setproduct", "values", "keys", "tolist", "tomap",
                 "lookup", "length", "one", "slice", "zipmap", "format")

OPERATORS = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, ">": operator.gt, "<=": operator.le, ">=": operator.ge,
    "+": operator.add, "*": operator.mul, "/": operator.truediv, "%": operator.mod,
}


def call(name, arguments, unknown):
    """What a function gives; unknown where what it is given is."""
    if any(isinstance(argument, unknown) for argument in arguments) and name not in KEEPS_UNKNOWN:
        return unknown(f"{name}()")
    return FUNCTIONS[name](*arguments)


def operate(sign, operands, unknown):
    if sign in ("&&", "||"):
        decisive = sign == "||"
        if any(operand is decisive for operand in operands):
            return decisive
    if any(isinstance(operand, unknown) for operand in operands):
        return unknown(f"… {sign} …")
    if len(operands) == 1:
        return not operands[0] if sign == "!" else -operands[0]
    return sign != "||" if sign in ("&&", "||") else OPERATORS[sign](*operands)
