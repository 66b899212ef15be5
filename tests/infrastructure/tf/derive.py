"""Derives a provider's schema from the sources in a cdktf-cdktf-provider-* wheel, without importing it.

The wheel carries a tarball with one folder per resource and data source. index.d.ts says what may be set, what must
be, and what is a block; index.js has the Terraform names of all attributes, computed ones too.

A struct is {name: field}; a field has
  block     it is written as a block
  required  it must be given
  computed  it can be read, and not set
  single    as a block, it comes once at most
  of        the struct inside it
  type      string, number, bool, list, map, or any
"""

import io
import re
import tarfile
import zipfile

INTERFACE = re.compile(r"^export interface (\w+)[^{]*\{\n(.*?)^\}", re.M | re.S)
FIELD = re.compile(r"/\*\*\n(.*?)\*/\s*readonly \w+(\?)?: ([^;]+)", re.S)
ANCHOR = re.compile(r"\{@link [^}\s]*#(\w+) ")
BLOCK = re.compile(r"\A\s*\* \w+ block\n")
CLASS = re.compile(r"^class (\w+) extends cdktf\.(\w+) \{\n(.*?)^\}", re.M | re.S)
READ = re.compile(r"(?:get(\w*)Attribute|interpolationForAttribute)\('(\w+)'\)")
INNER = re.compile(r"= new (\w+?)(?:OutputReference|MapList|List|Map)\(this, \"(\w+)\"")
RESOURCE_TYPE = re.compile(r"terraformResourceType: '(\w+)'")
PROVIDER_VERSION = re.compile(rb"provider version (\d+\.\d+\.\d+)")
ROOTS = {"TerraformResource": "resource", "TerraformDataSource": "data", "TerraformProvider": "provider"}
TYPES = {"string": "string", "number": "number", "boolean": "bool"}


def derive(wheel):
    """The schema in a wheel: {"version", "resource": {type: {"root", "structs"}}, "data", "provider"}."""
    schema = {"version": None, "resource": {}, "data": {}, "provider": {}}
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        metadata = archive.read(next(name for name in names if name.endswith(".dist-info/METADATA")))
        schema["version"] = PROVIDER_VERSION.search(metadata).group(1).decode()
        assembly = archive.read(next(name for name in names if name.endswith(".jsii.tgz")))
    for declarations, code in sources(assembly):
        add(schema, declarations, code)
    return schema


def sources(assembly):
    """Pairs of index.d.ts and index.js, one per folder."""
    waiting = {}
    with tarfile.open(fileobj=io.BytesIO(assembly), mode="r|gz") as tar:
        for member in tar:
            folder, _, name = member.name.rpartition("/")
            if folder.count("/") != 2 or name not in ("index.d.ts", "index.js"):
                continue
            text = tar.extractfile(member).read().decode()
            pair = waiting.setdefault(folder, {})
            pair[name] = text
            if len(pair) == 2:
                yield pair["index.d.ts"], pair["index.js"]
                del waiting[folder]


def add(schema, declarations, code):
    """Adds what one folder declares."""
    settable = {name: fields(body) for name, body in INTERFACE.findall(declarations)}
    structs = {name: struct for name, struct in settable.items() if not name.endswith("Config")}
    roots = []
    for name, parent, body in CLASS.findall(code):
        if parent in ROOTS:
            structs[name] = settable.get(name + "Config", {})
            roots.append((ROOTS[parent], RESOURCE_TYPE.search(body).group(1), name))
        elif parent == "ComplexObject":
            name = name.removesuffix("OutputReference")
        else:
            continue
        struct = structs.setdefault(name, settable.get(name, {}))
        for attribute, field in computed(body).items():
            struct.setdefault(attribute, field)
    for kind, terraform_type, name in roots:
        schema[kind][terraform_type] = {"root": name, "structs": reachable(name, structs)}


def fields(body):
    """What an interface lets one set."""
    found = {}
    for doc, optional, written in FIELD.findall(body):
        anchor = ANCHOR.search(doc)
        if anchor:
            field = typed(written.split("|")[0].strip(), "[]" in written)
            field.update({"block": True} if BLOCK.match(doc) else {})
            field.update({} if optional else {"required": True})
            found[anchor.group(1)] = field
    return found


def typed(written, many):
    """A field of a type as TypeScript writes it."""
    name = written.removesuffix("[]")
    if written.startswith("{"):
        inner = re.search(r"\]: (\w+)", written)
        other = inner and inner.group(1) not in (*TYPES, "any", "cdktf")
        return {"type": "map", **({"of": inner.group(1)} if other else {})}
    if name in TYPES:
        return {"type": "list" if many else TYPES[name]}
    if name.startswith("cdktf.") or name == "any" or "{" in name:
        return {"type": "any"}
    return {"type": "list", "of": name} if many else {"type": "any", "single": True, "of": name}


def computed(body):
    """What a class lets one read."""
    found = {}
    for kind, name in READ.findall(body):
        simple = {"String": "string", "Number": "number", "Boolean": "bool"}.get(kind)
        shape = simple or ("map" if "Map" in kind else "list" if "List" in kind else "any")
        found[name] = {"computed": True, "type": shape}
    for struct, name in INNER.findall(body):
        found[name] = {"computed": True, "type": "any", "of": struct}
    return found


def reachable(root, structs):
    """The structs that a root leads to."""
    found, waiting = {}, [root]
    while waiting:
        name = waiting.pop()
        if name not in found and name in structs:
            found[name] = structs[name]
            waiting.extend(field["of"] for field in structs[name].values() if "of" in field)
    return found
