"""The forms in which a sensitive value may hide in bytes: whatever turns back into it by itself.

`python forms.py TABLE` reads standard input and prints what it finds, one form a line.
"""
import base64
import codecs
import functools
import hashlib
import html
import json
import re
import struct
import sys
import urllib.parse
from datetime import date


def plain_forms(value):
    """Texts that a reader takes for the value: as it is, its letters and digits alone, reversed, in either case."""
    bare = re.sub(r"[^0-9A-Za-z]", "", value)
    texts = {value, value[::-1]}
    if len(bare) >= 9:
        texts |= {bare, bare[::-1]}
    texts |= {codecs.encode(text, "rot13") for text in texts if any(c.isalpha() for c in text)}
    return {form for text in texts for form in (text, text.lower(), text.upper())}


def base64_forms(data):
    """The stretch of base64 that is the same whatever stands around the data, for each of its three alignments."""
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + data).rstrip(b"=")
        first = 0 if shift == 0 else shift + 1
        last = len(text) if (len(data) + shift) % 3 == 0 else len(text) - 1
        if last - first >= 8:
            yield text[first:last]


def binary_forms(value):
    """The binary forms of the types that the value can be cast to."""
    digits = re.sub(r"\D", "", value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        days = (date.fromisoformat(value) - date(2000, 1, 1)).days
        yield struct.pack("!q", days * 86_400_000_000)
        yield struct.pack("!ii", 4, days)  # with its length before it: four bytes alone occur by chance
        return
    if len(re.sub(r"[^0-9A-Za-z]", "", value)) == 32:
        yield bytes.fromhex(value.replace("-", ""))
        return
    if not 9 <= len(digits) <= 18 or re.search(r"[A-Za-z]", value):
        return
    number = int(digits)
    yield struct.pack("!q", number)
    yield struct.pack("!d", number)
    if number < 1 << 31:
        yield struct.pack("!ii", 4, number)
    groups = []
    while number:
        groups.insert(0, number % 10_000)
        number //= 10_000
    yield struct.pack(f"!{len(groups)}h", *groups)


@functools.cache
def needles(values):
    found = {}
    for value in values:
        for text in plain_forms(value):
            data = text.encode()
            found[data] = f"{value} as it is"
            found[data.hex().encode()] = found[data.hex().upper().encode()] = f"{value} in hexadecimal"
            for form in base64_forms(data):
                found[form] = f"{value} in base64"
            found[text.encode("utf-16-be")] = found[text.encode("utf-16-le")] = f"{value} in UTF-16"
        for data in {value.encode(), re.sub(r"[^0-9A-Za-z]", "", value).encode()}:
            for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512"):
                digest = hashlib.new(name, data)
                found[digest.digest()] = found[digest.hexdigest().encode()] = f"{name} of {value}"
                found[digest.hexdigest().upper().encode()] = f"{name} of {value}"
        for data in binary_forms(value):
            found[data] = f"{value} in binary"
    return found


def views(data):
    """The bytes, and what they are when their escapes are undone."""
    yield data
    text = data.decode("latin-1")
    yield re.sub(r"\\u00([0-9a-fA-F]{2})", lambda m: chr(int(m[1], 16)), text).encode("latin-1")
    yield re.sub(r"\\([0-3][0-7]{2})", lambda m: chr(int(m[1], 8)), text).encode("latin-1")
    yield html.unescape(text).encode("latin-1", "replace")
    yield urllib.parse.unquote_to_bytes(data)


def leaks(data, values, parts):
    """What of the values is in the bytes."""
    found = set()
    forms = needles(tuple(values))
    for view in set(views(data)):
        found |= {why for form, why in forms.items() if form in view}
        found |= {f"a part, {part}" for part in parts if part.encode() in view}
    bare = re.sub(rb"[^0-9A-Za-z]", b"", data).lower()
    for value in values:
        for text in plain_forms(value):
            form = re.sub(r"[^0-9A-Za-z]", "", text).lower().encode()
            if len(form) >= 9 and form in bare:
                found.add(f"{value} with something between its characters")
    return sorted(found)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        table = json.load(file)
    # Records are full of digests and times, in which six digits may occur by chance.
    parts = [part for part in table["parts"] if not part.isdigit()]
    for leak in leaks(sys.stdin.buffer.read(), table["values"], parts):
        print(leak)
