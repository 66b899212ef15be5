#!/usr/bin/env python3
"""Writes <service>.json next to this file: what the answers of the operations in operations.txt are made of.

    python3 -m venv VENV && VENV/bin/pip install botocore==1.44.5
    VENV/bin/python crates/aws/shapes/extract.py

To use one more operation: add its line to operations.txt and run this. A new service also needs a line in
crates/aws/src/wire/shapes.rs. The files hold facts only (names, types, places), in this form:

    serviceId   what the SDKs call the service
    protocol    what boto3 speaks with it
    operations  {operation: {"output": structure, "wrapper": element of query XML, "payload": member that is the body}}
    unions      structures of which an answer has one member only
    structures  {structure: {member: "TYPE [WIRE-NAME [PLACE]]"}}

TYPE is string, integer, float, boolean, timestamp, blob, document (any JSON), policy (JSON with URL escapes inside
text), the name of a structure, [TYPE] for a list, {TYPE} for a map, or {KEY,VALUE,TYPE} for one whose XML elements are
not called key and value. WIRE-NAME is left out where it is the member's own. PLACE is header, headers (all with that
prefix), status, or flat (a list or map without an element around it); without one it is the body.
"""

import json
import pathlib
import sys

import botocore.session

HERE = pathlib.Path(__file__).parent
SCALARS = {
    "string": "string",
    "character": "string",
    "integer": "integer",
    "long": "integer",
    "float": "float",
    "double": "float",
    "boolean": "boolean",
    "timestamp": "timestamp",
    "blob": "blob",
}
PLACES = {"header": "header", "headers": "headers", "statusCode": "status"}
UNKNOWN_TRAITS = ("eventstream", "jsonvalue", "xmlAttribute", "eventheader", "eventpayload")


class Service:
    def __init__(self, session, name):
        self.name = name
        self.model = session.get_service_model(name)
        self.structures = {}
        self.unions = []

    def document(self, operations):
        return {
            "serviceId": self.model.metadata["serviceId"],
            "protocol": self.model.resolved_protocol,
            "operations": {name: self.operation(name) for name in operations},
            "unions": sorted(self.unions),
            "structures": {name: self.structures[name] for name in sorted(self.structures)},
        }

    def operation(self, name):
        output = self.model.operation_model(name).output_shape
        if output is None:
            return {}
        facts = {"output": self.type_of(output)}
        for key, trait in (("wrapper", "resultWrapper"), ("payload", "payload")):
            if trait in output.serialization:
                facts[key] = output.serialization[trait]
        return facts

    def type_of(self, shape):
        self.refuse_unknown(shape)
        if shape.type_name == "structure":
            return self.structure(shape)
        if shape.type_name == "list":
            return f"[{self.type_of(shape.member)}]"
        if shape.type_name == "map":
            return self.map_type(shape)
        if self.name == "iam" and shape.name == "policyDocumentType":
            return "policy"
        return SCALARS[shape.type_name]

    def map_type(self, shape):
        names = [part.serialization.get("name") for part in (shape.key, shape.value)]
        named = "" if names == [None, None] else f"{names[0] or 'key'},{names[1] or 'value'},"
        return f"{{{named}{self.type_of(shape.value)}}}"

    def structure(self, shape):
        if shape.is_document_type:
            return "document"
        if shape.name not in self.structures:
            self.structures[shape.name] = members = {}
            if shape.is_tagged_union:
                self.unions.append(shape.name)
            for name, member in shape.members.items():
                members[name] = self.member(name, member)
            if self.name == "s3" and "Expires" in members:
                # not in the model: botocore adds it while it parses
                members["ExpiresString"] = "string Expires header"
        return shape.name

    def member(self, name, shape):
        traits = shape.serialization
        wire = traits.get("name", name)
        place = PLACES.get(traits.get("location"))
        if place is None and traits.get("flattened"):
            place = "flat"
            if shape.type_name == "list":
                wire = shape.member.serialization.get("name", wire)
        words = [self.type_of(shape)]
        if place or wire != name:
            words.append(wire)
        if place:
            words.append(place)
        return " ".join(words)

    def refuse_unknown(self, shape):
        for trait in UNKNOWN_TRAITS:
            if shape.serialization.get(trait):
                sys.exit(f"{self.name}: {shape.name} has {trait}, which crates/aws/src/wire does not read")


def wanted():
    services = {}
    for line in (HERE / "operations.txt").read_text().splitlines():
        if line and not line.startswith("#"):
            service, operation = line.split()
            services.setdefault(service, []).append(operation)
    return services


def layout(document):
    """One operation or structure a line, so that a change shows where it is."""
    lines = []
    for key, value in document.items():
        if isinstance(value, dict):
            inner = ",\n".join(f"{json.dumps(k)}:{json.dumps(v, separators=(',', ':'))}" for k, v in value.items())
            lines.append(f"{json.dumps(key)}:{{\n{inner}\n}}")
        else:
            lines.append(f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


def main():
    session = botocore.session.Session()
    for service, operations in wanted().items():
        document = Service(session, service).document(operations)
        (HERE / f"{service}.json").write_text(layout(document))


if __name__ == "__main__":
    main()
