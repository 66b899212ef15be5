#!/usr/bin/env python3
"""Writes answers.jsonl: random answers to every operation of ../shapes/operations.txt, and what botocore makes of them.

    python3 -m venv VENV && VENV/bin/pip install botocore==1.44.5
    VENV/bin/python crates/aws/testdata/answers.py [--seed N] [--fill P] [--out FILE]

An answer is made from the operation's model in each protocol that the service has, with members that the model does
not know. P is how likely a member is to be there. Blobs are shown as text and timestamps as Python's isoformat(). To try
other answers than the ones here, name their file for the tests of crates/aws/src/wire in CHAOS_AWS_ANSWERS.
"""

import argparse
import base64
import datetime
import email.utils
import json
import os
import pathlib
import random
import struct
import time
import urllib.parse
from xml.sax.saxutils import escape

import botocore.handlers
import botocore.parsers
import botocore.session
from botocore.awsrequest import HeadersDict

HERE = pathlib.Path(__file__).parent
TEXTS = ["", "a", "i-0123456789abcdef0", "two words", " spaces ", "été ☕ 🙂", "<&>\"'", "line\nline", "true", "12", "=a,b"]
DEPTH = 7


class Maker:
    """Random values of shapes. A value is what JSON holds, with Moment and bytes."""

    def __init__(self, rng, fill):
        self.rng = rng
        self.fill = fill

    def value(self, shape, depth=0):
        if getattr(shape, "is_document_type", False):
            return {"any": [1, 2.5, None, {"x": "y"}]}
        return getattr(self, shape.type_name, self.string)(shape, depth)

    def structure(self, shape, depth):
        names = list(shape.members)
        if shape.is_tagged_union:
            return {n: self.value(shape.members[n], depth + 1) for n in self.rng.sample(names, 1)}
        wanted = [n for n in names if depth == 0 or (depth < DEPTH and self.rng.random() < self.fill)]
        return {n: self.value(shape.members[n], depth + 1) for n in wanted}

    def list(self, shape, depth):
        many = 0 if depth >= DEPTH else self.rng.choice([0, 1, 1, 2, 3])
        return [self.value(shape.member, depth + 1) for _ in range(many)]

    def map(self, shape, depth):
        many = 0 if depth >= DEPTH else self.rng.choice([0, 1, 2])
        return {f"key{i} é": self.value(shape.value, depth + 1) for i in range(many)}

    def string(self, shape, depth):
        if shape.name == "policyDocumentType":
            document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "a+b é"}]}
            return urllib.parse.quote(json.dumps(document))
        return self.rng.choice(TEXTS)

    def integer(self, shape, depth):
        return self.rng.choice([0, 1, -1, 80, 2**31 - 1])

    def long(self, shape, depth):
        return self.rng.choice([0, 7, -(2**63), 2**63 - 1, 1700000000000])

    def float(self, shape, depth):
        return self.rng.choice([0.0, 1.0, -2.5, 0.1, 1e21, 1e-7, 123456.789])

    double = float

    def boolean(self, shape, depth):
        return self.rng.random() < 0.5

    def timestamp(self, shape, depth):
        return Moment(self.rng.choice([0, 1, 1795255200, 4102444800]), self.rng.choice([0, 0, 0.5, 0.123, 0.123456]))

    def blob(self, shape, depth):
        return self.rng.choice([b"", b"text", "é☕".encode(), b"\xff\x00\x80{", b'{"a": 1}'])


class Moment:
    def __init__(self, seconds, fraction):
        self.epoch = seconds + fraction if fraction else seconds
        self.time = datetime.datetime.fromtimestamp(self.epoch, datetime.timezone.utc)

    def iso(self):
        return self.time.isoformat().replace("+00:00", "Z")

    def rfc(self):
        return email.utils.format_datetime(self.time, usegmt=True)


def scalar_text(value, rng):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Moment):
        return rng.choice([value.iso(), value.rfc(), str(value.epoch)])
    return str(value)


class Xml:
    def __init__(self, rng):
        self.rng = rng

    def element(self, name, inside, attributes=""):
        if not inside and self.rng.random() < 0.5:
            return f"<{name}{attributes}/>"
        return f"<{name}{attributes}>{inside}</{name}>"

    def text(self, value):
        text = scalar_text(value, self.rng)
        if isinstance(value, str) and self.rng.random() < 0.1:
            return f"<![CDATA[{text}]]>"
        if isinstance(value, str) and text and self.rng.random() < 0.1:
            return f"{escape(text[:1])}<!-- remark -->{escape(text[1:])}"
        return escape(text)

    def members(self, shape, values):
        parts = []
        for name, value in values.items():
            member = shape.members[name]
            if member.serialization.get("location") is None:
                parts.append(self.member(name, member, value))
        self.rng.shuffle(parts)
        if self.rng.random() < 0.2:
            new = "<somethingNew><a>1</a></somethingNew>"
            parts = [new] if shape.is_tagged_union else [*parts, new]
        return self.rng.choice(["", "\n  "]).join(parts)

    def member(self, name, shape, value):
        wire = shape.serialization.get("name", name)
        if shape.serialization.get("flattened"):
            if shape.type_name == "list":
                wire = shape.member.serialization.get("name", wire)
                return "".join(self.element(wire, self.inside(shape.member, item)) for item in value)
            return "".join(self.element(wire, entry) for entry in self.entries(shape, value))
        return self.element(wire, self.inside(shape, value))

    def entries(self, shape, value):
        key = shape.key.serialization.get("name") or "key"
        item = shape.value.serialization.get("name") or "value"
        return [
            self.element(key, escape(k)) + self.element(item, self.inside(shape.value, v)) for k, v in value.items()
        ]

    def inside(self, shape, value):
        if shape.type_name == "structure":
            return self.members(shape, value)
        if shape.type_name == "list":
            wire = shape.member.serialization.get("name", "member")
            return "".join(self.element(wire, self.inside(shape.member, item)) for item in value)
        if shape.type_name == "map":
            return "".join(self.element("entry", entry) for entry in self.entries(shape, value))
        return self.text(value)


class Tree:
    """JSON's and CBOR's form of a value."""

    def __init__(self, rng, protocol):
        self.rng = rng
        self.protocol = protocol

    def of(self, shape, value):
        if getattr(shape, "is_document_type", False):
            return value
        if shape.type_name == "structure":
            return self.structure(shape, value)
        if shape.type_name == "list":
            return [self.of(shape.member, item) for item in value]
        if shape.type_name == "map":
            return {k: self.of(shape.value, v) for k, v in value.items()}
        return self.scalar(value)

    def scalar(self, value):
        if self.protocol == "smithy-rpc-v2-cbor":
            return value
        if isinstance(value, Moment):
            return self.rng.choice([value.epoch, value.iso()])
        if isinstance(value, bytes):
            return base64.b64encode(value).decode()
        if self.protocol == "rest-json" and isinstance(value, (bool, int, float)) and self.rng.random() < 0.1:
            return str(value).lower()
        if isinstance(value, float) and value.is_integer() and abs(value) < 1e6 and self.rng.random() < 0.3:
            return int(value)
        return value

    def structure(self, shape, value):
        found = {}
        for name, member in shape.members.items():
            if member.serialization.get("location") is not None:
                continue
            wire = name if self.protocol == "smithy-rpc-v2-cbor" else member.serialization.get("name", name)
            if name in value:
                found[wire] = self.of(member, value[name])
            elif not shape.is_tagged_union and self.rng.random() < 0.2:
                found[wire] = None
        if self.rng.random() < 0.2:
            if not shape.is_tagged_union:
                found["somethingNew"] = {"a": [1, None]}
            elif self.protocol != "smithy-rpc-v2-cbor":
                # with CBOR botocore shows an empty structure; ours is the same for all protocols
                found = {"somethingNew": {"a": [1, None]}}
        return found


def cbor(value, rng):
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return cbor_head(0, value) if value >= 0 else cbor_head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, Moment):
        return b"\xc1" + cbor(value.epoch, rng)
    if isinstance(value, (bytes, str)):
        data = value.encode() if isinstance(value, str) else value
        return cbor_head(3 if isinstance(value, str) else 2, len(data)) + data
    major = 4 if isinstance(value, list) else 5
    items = value if major == 4 else [part for entry in value.items() for part in entry]
    inside = b"".join(cbor(item, rng) for item in items)
    if rng.random() < 0.3:
        return bytes([major << 5 | 31]) + inside + b"\xff"
    return cbor_head(major, len(value)) + inside


def cbor_head(major, number):
    if number < 24:
        return bytes([major << 5 | number])
    for extra, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 256**size:
            return bytes([major << 5 | extra]) + number.to_bytes(size, "big")
    raise ValueError(number)


class Answer:
    def __init__(self, rng, fill, service, operation, protocol):
        self.rng = rng
        self.service = service
        self.operation = operation
        self.protocol = protocol
        self.shape = operation.output_shape
        self.value = Maker(rng, fill).value(self.shape) if self.shape else {}
        self.status = operation.http.get("responseCode", 200)
        self.headers = [("Date", "Sat, 21 Nov 2026 10:00:00 GMT"), ("Vary", "a"), ("vary", "b")]
        self.body = b""

    def build(self):
        if self.protocol.startswith("rest"):
            self.rest_headers()
        else:
            self.headers.append(("x-amzn-RequestId", "request-0"))
        if self.protocol in ("query", "ec2", "rest-xml"):
            self.headers.append(("Content-Type", "text/xml;charset=UTF-8"))
            self.body = self.xml().encode()
        else:
            self.tree()
        return self

    def payload(self):
        """Shape and value of the body."""
        name = self.shape.serialization.get("payload")
        return (self.shape.members[name], self.value[name]) if name else (self.shape, self.value)

    def rest_headers(self):
        if self.protocol == "rest-xml":
            self.headers += [("x-amz-request-id", "request-1"), ("x-amz-id-2", "host-1")]
        else:
            self.headers.append(("x-amzn-RequestId", "request-2"))
        for name, member in self.shape.members.items() if self.shape else ():
            location = member.serialization.get("location")
            wire = member.serialization.get("name", name)
            if location == "header" and self.rng.random() < 0.8:
                self.headers.append((wire, self.header(member)))
            elif location == "headers":
                self.headers += [(f"{wire}one".lower(), "1"), (f"{wire}two".lower(), "2")]

    def header(self, member):
        if member.type_name == "list":
            return "a, b,c"
        if member.type_name == "string":
            return self.rng.choice(["x", "two words", "12"])
        return scalar_text(Maker(self.rng, 1).value(member), self.rng)

    def xml(self):
        xml = Xml(self.rng)
        declaration = self.rng.choice(["", '<?xml version="1.0" encoding="UTF-8"?>\n'])
        namespace = self.rng.choice(["", ' xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"'])
        if self.protocol == "rest-xml":
            body = self.rest_xml(xml, namespace)
            return declaration + body if body.startswith("<") else body
        inside = xml.members(self.shape, self.value) if self.shape else ""
        wrapper = self.shape.serialization.get("resultWrapper") if self.shape else None
        if wrapper:
            inside = xml.element(wrapper, inside)
        if self.protocol == "ec2":
            inside += "<requestId>request-3</requestId>"
        else:
            inside += "<ResponseMetadata><RequestId>request-3</RequestId></ResponseMetadata>"
        return declaration + xml.element(f"{self.operation.name}Response", inside, namespace)

    def rest_xml(self, xml, namespace):
        if self.shape is None:
            return ""
        shape, value = self.payload()
        if shape.type_name in ("blob", "string"):
            return "any text é"
        if not any(m.serialization.get("location") is None for m in shape.members.values()):
            return ""
        return xml.element(f"{self.operation.name}Result", xml.members(shape, value), namespace)

    def tree(self):
        is_cbor = self.protocol == "smithy-rpc-v2-cbor"
        self.headers.append(("Content-Type", "application/cbor" if is_cbor else "application/x-amz-json-1.1"))
        if self.shape is None:
            self.body = self.rng.choice([b"", b"\xa0" if is_cbor else b"{}"])
            return
        shape, value = self.payload()
        if shape is not self.shape and shape.type_name in ("blob", "string"):
            self.body = '{"any": "text é"}'.encode()
            return
        tree = Tree(self.rng, self.protocol).of(shape, value)
        self.body = cbor(tree, self.rng) if is_cbor else json.dumps(tree, ensure_ascii=self.rng.random() < 0.5).encode()

    def parsed(self, retries):
        joined = {}
        for name, value in self.headers:
            known = next((n for n in joined if n.lower() == name.lower()), name)
            joined[known] = f"{joined[known]}, {value}" if known in joined else value
        response = {"status_code": self.status, "headers": HeadersDict(joined), "body": self.body, "context": {}}
        custom = {}
        if self.service.service_name == "s3":
            botocore.handlers.handle_expires_header(self.operation, response, custom)
        parsed = botocore.parsers.create_parser(self.protocol).parse(response, self.shape)
        if self.shape is None and self.protocol == "smithy-rpc-v2-cbor":
            # botocore forgets it where there is nothing else to parse; we do not
            parsed["ResponseMetadata"] = {"RequestId": "request-0", **parsed["ResponseMetadata"]}
        parsed["ResponseMetadata"]["RetryAttempts"] = retries
        # botocore adds this one last; the order is of no use, but comparing with order is
        body = {name: parsed.pop(name) for name in ("Body",) if custom and name in parsed}
        parsed.update(custom | body)
        if self.service.service_name == "iam":
            botocore.handlers.json_decode_policies(parsed, self.operation)
        return parsed

    def case(self):
        retries = self.rng.choice([0, 0, 2])
        case = {
            "serviceId": self.service.metadata["serviceId"],
            "operation": self.operation.name,
            "status": self.status,
            "retries": retries,
            "headers": self.headers,
            "expected": self.parsed(retries),
        }
        case["base64" if self.protocol == "smithy-rpc-v2-cbor" else "body"] = (
            base64.b64encode(self.body).decode() if self.protocol == "smithy-rpc-v2-cbor" else self.body.decode()
        )
        return case


def plain(value):
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return value.isoformat()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--fill", type=float, default=0.2)
    options.add_argument("--out", default=str(HERE / "answers.jsonl"))
    options = options.parse_args()
    os.environ["TZ"] = "UTC"
    time.tzset()
    rng = random.Random(options.seed)
    session = botocore.session.Session()
    lines = []
    for line in (HERE.parent / "shapes" / "operations.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        name, operation = line.split()
        service = session.get_service_model(name)
        for protocol in service.metadata.get("protocols", [service.resolved_protocol]):
            answer = Answer(rng, options.fill, service, service.operation_model(operation), protocol).build()
            lines.append(json.dumps(answer.case(), default=plain, ensure_ascii=False, separators=(",", ":")))
    pathlib.Path(options.out).write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
