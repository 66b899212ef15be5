"""Reads many INI texts with configparser and tells what it makes of each.

Standard input: a JSON list of texts. Standard output: a JSON list with, for each, null where the text is refused, or
{section: {key: value}} with null for a value whose interpolation is refused.
"""

import configparser
import io
import json
import sys


def value(parser, section, key):
    try:
        return parser.get(section, key)
    except configparser.InterpolationError:
        return None


def read(text):
    parser = configparser.ConfigParser()
    # As open() does it: a byte order mark is skipped (utf-8-sig), CR and CR LF become LF.
    bytes_ = io.BytesIO(text.encode("utf-8"))
    try:
        parser.read_file(io.TextIOWrapper(bytes_, encoding="utf-8-sig"))
    except configparser.Error:
        return None
    sections = ["DEFAULT", *parser.sections()]
    return {name: {key: value(parser, name, key) for key in parser[name]} for name in sections}


json.dump([read(text) for text in json.load(sys.stdin.buffer)], sys.stdout)
