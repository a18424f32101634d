"""Sentences and cells with known spans, the same for the same seed."""

import random
import re

from . import formats, fresh_templates, templates
from .lookalikes import LookAlikes
from .values import Values

# How many records of each entity a thousand of the corpus has. Secrets of a dozen issuers share their part.
WEIGHTS = {
    "credit-card": 70, "us-ssn": 70, "iban": 60, "us-npi": 22, "email": 75, "phone": 90, "ipv4": 50, "ipv6": 30, "date-of-birth": 55,
    "medical-record-number": 45, "passport": 50, "drivers-license": 50, "jwt": 12, "private-key-block": 8, "aws-access-key": 8,
    "aws-secret-key": 12, "github-token": 8, "gitlab-token": 6, "slack-token": 8, "stripe-key": 8, "google-api-key": 8, "openai-key": 8,
    "anthropic-key": 6, "npm-token": 6, "pypi-token": 6, "sendgrid-key": 6, "huggingface-token": 6,
}
ENTITIES = list(WEIGHTS)
# Of a thousand records, those with nothing to be found.
LOOK_ALIKES = 430

FILLER = re.compile(r"\{(name|company|city|words|other|[a-z]+)?\}")


class Record:
    """A text, the name of its column if it is a cell, and what is in it, in bytes of UTF-8."""

    def __init__(self, text, column, spans):
        self.text, self.column, self.spans = text, column, spans


class Templates:
    def __init__(self, plain, context, columns, other_columns, others):
        self.plain, self.context, self.columns, self.other_columns, self.others = plain, context, columns, other_columns, others


FIRST = Templates(templates.PLAIN, templates.CONTEXT, templates.COLUMNS, templates.OTHER_COLUMNS, templates.OTHERS)
SECOND = Templates(
    templates.PLAIN_SECOND, templates.CONTEXT_SECOND, templates.COLUMNS_SECOND, templates.OTHER_COLUMNS_SECOND, templates.OTHERS_SECOND)
FRESH = Templates(
    fresh_templates.PLAIN, fresh_templates.CONTEXT, fresh_templates.COLUMNS, fresh_templates.OTHER_COLUMNS, fresh_templates.OTHERS)


class Corpus:
    def __init__(self, seed, used=FIRST):
        self.random = random.Random(seed)
        self.values = Values(self.random, used is not FIRST)
        self.others = LookAlikes(self.values)
        self.used = used

    def records(self, count):
        kinds = ENTITIES + [None]
        weights = [WEIGHTS[e] for e in ENTITIES] + [LOOK_ALIKES]
        return [self.record(self.random.choices(kinds, weights)[0]) for _ in range(count)]

    def record(self, entity):
        if entity is None:
            template = self.random.choice(self.used.others)
            column = self.random.choice(self.used.other_columns) if self.random.random() < 0.5 else ""
            return self.fill(template, column, [])
        contexts, plain = self.used.context, self.used.plain
        columns = self.used.columns.get(entity, ["token", "value"])
        value, needs_context = self.values.of(entity)
        if self.random.random() < 0.3:
            return self.fill("{}", self.random.choice(columns), [(entity, value)])
        if entity in contexts and (needs_context or self.random.random() < 0.4):
            template = self.random.choice(contexts[entity])
            # Now and then the sentence goes on, and there is something else in it.
            tail = self.random.random()
            if tail < 0.15:
                template = "{words}. " + template
            elif tail < 0.3:
                template += ". {words} {other}"
        else:
            template = self.random.choice(plain)
        return self.fill(template, "", [(entity, value)])

    def fill(self, template, column, found):
        pieces, position, spans = [], 0, []
        rest = list(found)
        last = 0

        def add(piece):
            nonlocal position
            pieces.append(piece)
            position += len(piece.encode())

        for match in FILLER.finditer(template):
            add(template[last:match.start()])
            last = match.end()
            if match.group(1):
                add(self.filler(match.group(1)))
            else:
                entity, value = rest.pop(0)
                start = position
                add(value)
                spans.append((start, position, entity))
        add(template[last:])
        return Record("".join(pieces), column, spans)

    def filler(self, kind):
        if kind == "name":
            return self.random.choice(formats.FIRST_NAMES) + (" " + self.random.choice(formats.LAST_NAMES) if self.random.random() < 0.5 else "")
        if kind == "company":
            return self.random.choice(formats.COMPANIES)
        if kind == "city":
            return self.random.choice(formats.CITIES)
        if kind == "words":
            start = self.random.randrange(len(formats.WORDS) - 10)
            return " ".join(formats.WORDS[start:start + self.random.randrange(2, 10)])
        if kind == "other":
            return self.others.any()
        return self.others.of(kind)


def escape(text):
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def unescape(text):
    return re.sub(r"\\(x[0-9a-f]{2}|.)", lambda m: {"t": "\t", "n": "\n", "r": "\r"}.get(m[1]) or (chr(int(m[1][1:], 16)) if len(m[1]) > 1 else m[1]), text)


def line(record, hide=()):
    """Column, spans and text, with tabs between them. `hide`: entities of which some bytes are written by their numbers, so
    that a file of made-up keys is not taken for a leak."""
    text = record.text.encode()
    spans = " ".join(f"{entity}:{start}:{end}" for start, end, entity in record.spans)
    hidden = {place for start, end, entity in record.spans if entity in hide for place in range(start, end, 20)}
    if not hidden:
        return f"{escape(record.column)}\t{spans}\t{escape(record.text)}"
    out = ""
    position = 0
    for start in sorted(hidden):
        out += escape(text[position:start].decode()) + f"\\x{text[start]:02x}"
        position = start + 1
    return f"{escape(record.column)}\t{spans}\t{out + escape(text[position:].decode())}"
