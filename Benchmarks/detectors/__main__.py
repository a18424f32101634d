"""Makes the corpus, runs both over it, and writes the table into docs/detectors.md.

    dev/detector-table [--count N] [--ours-only] [--misses ENTITY] [--write-slice]
"""

import argparse
import json
import pathlib
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor

from . import peer
from .corpus import ENTITIES, FIRST, FRESH, SECOND, Corpus, line
from .score import best_threshold, score

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DOCUMENT = ROOT / "docs/detectors.md"
SLICE = ROOT / "Tests/PolicyCompilerTests/Detectors/Corpus.tsv"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SECRETS = {e for e in ENTITIES if e.endswith(("-token", "-key")) or e in ("aws-access-key", "jwt", "private-key-block")}
# Detectors were mended for what they missed in the first two, and not for the third.
SETS = [("the corpus", 20260711, FIRST), ("other sentences and columns", 90210, SECOND), ("sentences and columns that were written last", 4711, FRESH)]


def ours(program, records):
    """What Stile finds: (start, end, detector) of every record."""
    text = "".join(line(record) + "\n" for record in records)
    output = subprocess.run([program], input=text.encode(), stdout=subprocess.PIPE, check=True).stdout.decode()
    findings = []
    for row in output.splitlines():
        found = []
        for item in row.split():
            name, start, end = item.rsplit(":", 2)
            found.append((int(start), int(end), name))
        findings.append(found)
    if len(findings) != len(records):
        raise SystemExit(f"{program} answered {len(findings)} of {len(records)} records")
    return findings


def theirs_of(records):
    analyzer = peer.engine()
    return [peer.find(analyzer, record) for record in records]


def theirs(records, processes):
    size = (len(records) + processes - 1) // processes
    with ProcessPoolExecutor(processes) as pool:
        parts = pool.map(theirs_of, [records[i:i + size] for i in range(0, len(records), size)])
        return [found for part in parts for found in part]


def merged(entity):
    """Addresses of both kinds are one entity to the other."""
    return "ip" if entity in ("ipv4", "ipv6") else entity


def percent(value):
    return f"{100 * value:.1f}"


def compare(name, records, program, processes):
    found = ours(program, records)
    one = score(records, found)
    shared = score(records, [[(s, e, merged(n)) for s, e, n in row] for row in found], merged)
    other = theirs(records, processes)
    rows, result = [], {}
    for entity in peer.SHARED:
        level, best = best_threshold(records, other, entity, merged)
        plain = score(records, [[f[:3] for f in row if f[2] == entity] for row in other], merged)[entity]
        mine = shared[entity]
        rows.append(
            f"| `{'ipv4`, `ipv6' if entity == 'ip' else entity}` | {mine.true + mine.missed} | {percent(mine.precision)} | {percent(mine.recall)} "
            f"| **{percent(mine.f1)}** | {percent(plain.f1)} | {percent(best.precision)} | {percent(best.recall)} | **{percent(best.f1)}** | {level:.2f} |")
        result[entity] = {"stile": vars(mine) | {"f1": mine.f1}, "presidio": vars(best) | {"f1": best.f1, "threshold": level}, "presidioAll": plain.f1}
        if mine.f1 < best.f1:
            print(f"{name}: {entity}: {percent(mine.f1)} is below {percent(best.f1)}", file=sys.stderr)
    own = [
        f"| `{e}` | {one[e].true + one[e].missed} | {percent(one[e].precision)} | {percent(one[e].recall)} | {percent(one[e].f1)} |"
        for e in ENTITIES if merged(e) not in peer.SHARED]
    quiet = sum(1 for r, f in zip(records, found) if not r.spans and f)
    empty = sum(1 for r in records if not r.spans)
    text = [
        f"### On {name}: {len(records):,} records", "",
        "| entity | spans | Stile P | R | F1 | presidio F1, all results | P at its best threshold | R | F1 | threshold |",
        "|---|---|---|---|---|---|---|---|---|---|", *rows, "",
        "What Stile finds besides:", "", "| entity | spans | P | R | F1 |", "|---|---|---|---|---|", *own, "",
        f"Of {empty:,} records with look-alikes alone, Stile found something in {quiet:,} ({percent(quiet / max(empty, 1))}%).", ""]
    return text, result


def misses(entity, records, found):
    for record, row in zip(records, found):
        wanted = {s for s in record.spans if s[2] == entity}
        got = {f for f in row if f[2] == entity}
        data = record.text.encode()
        for span in wanted - got:
            print(f"MISSED [{record.column}] {data[span[0]:span[1]].decode()!r} in {record.text!r}: {row}")
        for span in got - wanted:
            print(f"FALSE  [{record.column}] {data[span[0]:span[1]].decode()!r} in {record.text!r}: {record.spans}")


def main():
    options = argparse.ArgumentParser(prog="dev/detector-table")
    options.add_argument("--program", required=True, help="detector-eval, built")
    options.add_argument("--count", type=int, default=30_000, help="records of the first corpus; the others have half")
    options.add_argument("--processes", type=int, default=2)
    options.add_argument("--ours-only", action="store_true", help="Stile's figures, to standard output")
    options.add_argument("--misses", help="print what was missed and what was found wrongly of an entity")
    options.add_argument("--write-slice", action="store_true", help="write the slice that a test reads")
    options.add_argument("--json", help="write the figures here, too")
    chosen = options.parse_args()
    corpora = [
        (name, Corpus(seed, used).records(chosen.count // (1 if used is FIRST else 2))) for name, seed, used in SETS]
    if chosen.write_slice:
        records = Corpus(7).records(1_500) + Corpus(8, SECOND).records(500)
        SLICE.write_text("".join(line(record, hide=SECRETS) + "\n" for record in records))
        return
    if chosen.ours_only or chosen.misses:
        for name, records in corpora:
            found = ours(chosen.program, records)
            if chosen.misses:
                misses(chosen.misses, records, found)
                continue
            print(name)
            for entity, s in sorted(score(records, found).items()):
                print(f"  {entity:24} {s.true + s.missed:6} P {percent(s.precision):>6} R {percent(s.recall):>6} F1 {percent(s.f1):>6}")
        return
    text, results = [], {}
    for name, records in corpora:
        part, results[name] = compare(name, records, chosen.program, chosen.processes)
        text += part
    document = DOCUMENT.read_text()
    before, rest = document.split(BEGIN)
    DOCUMENT.write_text(before + BEGIN + "\n" + "\n".join(text).rstrip() + "\n" + END + rest.split(END)[1])
    if chosen.json:
        pathlib.Path(chosen.json).write_text(json.dumps(results, indent=2) + "\n")


main()
