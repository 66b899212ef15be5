"""Frames of JSON, and what JSON cannot say as one-entry mappings whose key starts with a zero character."""

import binascii
import json
import os
import queue
import struct
import sys
import threading

BYTES, DATE, TIME, MAP = "\0bytes", "\0date", "\0time", "\0map"
# the reader on the other side goes about 200 levels deep
DEEPEST = 150
# beyond this Python refuses to write a whole number in decimal
LONGEST_INT_BITS = 14000


class Link:
    """The two directions of the socket. Sending never blocks and cannot be torn apart by a signal handler."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        self.outgoing = queue.SimpleQueue()
        self.writer = threading.Thread(target=self._write_all, daemon=True)
        self.writer.start()

    def receive(self):
        """The next message; EOFError when the other side is gone."""
        (size,) = struct.unpack(">I", self._read(4))
        return json.loads(self._read(size).decode("utf-8"), object_hook=untagged)

    def send(self, message):
        text = json.dumps(message, ensure_ascii=False, separators=(",", ":"))
        data = text.encode("utf-8", "replace")
        self.outgoing.put(struct.pack(">I", len(data)) + data)

    def flush(self):
        """Returns when all that was sent is written; nothing can be sent afterwards."""
        self.outgoing.put(None)
        self.writer.join()

    def close(self):
        os.close(self.descriptor)

    def _read(self, size):
        parts = []
        while size:
            part = os.read(self.descriptor, min(size, 1 << 20))
            if not part:
                raise EOFError
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _write_all(self):
        while True:
            data = self.outgoing.get()
            if data is None:
                return
            try:
                while data:
                    data = data[os.write(self.descriptor, data) :]
            except OSError:
                # the other side is gone: the reader sees it too and ends the worker
                return


def untagged(mapping):
    """What a mapping of the wire stands for; `json` calls it for each."""
    if len(mapping) != 1:
        return mapping
    ((key, value),) = mapping.items()
    if not key.startswith("\0"):
        return mapping
    if key == MAP:
        return dict((name, item) for name, item in value)
    if key == BYTES:
        return binascii.a2b_base64(value)
    import datetime

    return (datetime.date if key == DATE else datetime.datetime).fromisoformat(value)


def tagged(value, above=()):
    """`value` in terms that JSON has. What it has no term for becomes its repr."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return hex(value) if value.bit_length() > LONGEST_INT_BITS else int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (dict, list, tuple)):
        return _tagged_collection(value, above)
    if isinstance(value, (bytes, bytearray)):
        return {BYTES: binascii.b2a_base64(value, newline=False).decode("ascii")}
    return _tagged_object(value)


def _tagged_collection(value, above):
    if id(value) in above or len(above) > DEEPEST:
        return "..."
    above += (id(value),)
    if not isinstance(value, dict):
        return [tagged(item, above) for item in value]
    entries = {_key(key): tagged(item, above) for key, item in value.items()}
    if any(key.startswith("\0") for key in entries):
        return {MAP: [[key, item] for key, item in entries.items()]}
    return entries


def _key(key):
    """Keys that are not text become text as json.dumps does it; those it refuses become their repr."""
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, bool):
        return {None: "null", True: "true", False: "false"}[key]
    if isinstance(key, int):
        return str(tagged(key))
    if isinstance(key, float):
        return json.dumps(float(key))
    return description(key)


def _tagged_object(value):
    if _is(value, "datetime", "datetime"):
        return {TIME: value.isoformat()}
    if _is(value, "datetime", "date"):
        return {DATE: value.isoformat()}
    if _is(value, "uuid", "UUID") or _is(value, "decimal", "Decimal"):
        return str(value)
    return description(value)


def _is(value, module, name):
    """isinstance without importing: nothing can be an instance of what nobody imported."""
    return module in sys.modules and isinstance(value, getattr(sys.modules[module], name))


def description(value):
    try:
        return repr(value)
    except Exception:
        return "<" + type(value).__name__ + " object>"
