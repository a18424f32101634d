"""Everything that may differ between the server and the sidecar before it. docs/transparency.md says the same in words.

Each entry takes a message's tag and body and gives the body with what may differ made the same.
"""
import re
import struct


def cancel_key(tag, body):
    """The sidecar's keys are its own: an upstream's would let a client cancel the sessions of others."""
    return b"" if tag == b"K" else body


def notifier(tag, body):
    """The process that notified: every connection has another one."""
    return b"\0\0\0\0" + body[4:] if tag == b"A" else body


def timings(tag, body):
    """EXPLAIN ANALYZE measures, and says how much memory and how many buffers it took."""
    if tag != b"D":
        return body
    body = re.sub(rb"(actual time=|Time: |Memory: |Memory Usage: |read=|hit=|dirtied=)[0-9.]+(\.\.[0-9.]+)?", rb"\1", body)
    return body if not re.search(rb"actual time=|Time: |Memory", body) else body[6:]


RULES = [cancel_key, notifier, timings]


def oids(frames):
    """Numbers of what was made in the run itself, by their order."""
    numbers = {}

    def number(oid):
        return oid if oid < 1 << 14 else 1 << 14 | numbers.setdefault(oid, len(numbers))

    for frame in frames:
        if frame.tag == b"T" and frame.size == len(frame.body):
            frame.body = described(frame.body, number)
        elif frame.tag == b"t" and frame.size == len(frame.body):
            count, *types = struct.unpack(f">H{(len(frame.body) - 2) // 4}I", frame.body)
            frame.body = struct.pack(f">H{len(types)}I", count, *map(number, types))
    return frames


def described(body, number):
    out = bytearray(body)
    offset = 2
    for _ in range(struct.unpack_from(">h", body)[0]):
        offset = body.index(b"\0", offset) + 1
        table, column, kind = struct.unpack_from(">IhI", body, offset)
        struct.pack_into(">IhI", out, offset, number(table), column, number(kind))
        offset += 18
    return bytes(out)


def settled(frames, has_new_objects):
    """Messages as tags and bodies that must be the same."""
    if has_new_objects:
        frames = oids(frames)
    found = []
    for frame in frames:
        body = frame.body
        if frame.size == len(body):
            for rule in RULES:
                body = rule(frame.tag, body)
        found.append((frame.tag, frame.size if frame.tag not in (b"K", b"D") else None, body))
    return found


# What the server would have refused while it read or started it, and the sidecar refuses before it is asked.
UNREAD = re.compile(rb"The statement cannot be read |Policy does not vouch for what this statement does: (it cannot be read|pinnedSetting)"
                    rb"|The setting \"no_such_setting\" cannot be given when connecting here")
UNREADABLE = {b"42601", b"42704", b"22023"}
# Names that do not exist, messages of the extended protocol with values that have no meaning, and an end that the server
# announces: told by the sidecar itself, without a place in the server's source.
OWN = {b"26000", b"34000", b"08P01", b"22023", b"57P01"}
PLACE = b"FLR"


def fields(body):
    return {part[:1]: part[1:] for part in body.split(b"\0") if part}


def is_listed(direct, through):
    """Whether a pair of messages differs as docs/transparency.md says."""
    if direct is None or through is None or direct[0] != b"E" or through[0] != b"E":
        return False
    said, told = fields(direct[2]), fields(through[2])
    if said[b"C"] in UNREADABLE and told[b"C"] == b"42501":
        return bool(UNREAD.match(told[b"M"]))
    plain = {code: value for code, value in said.items() if code not in PLACE}
    # Where in a message the fault is, the sidecar does not say either.
    if said[b"C"] in OWN and told == {code: value for code, value in plain.items() if code != b"W" or code in told}:
        return True
    return told == plain | {b"M": b"The server refuses the login: " + plain[b"M"]}
