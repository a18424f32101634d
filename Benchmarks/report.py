#!/usr/bin/env python3
"""Runs the benchmarks, prints one table, writes it as JSON beside the machine's description, and writes docs/performance.md.

    report.py [--only NAME,…] [--json FILE] [--pages FILE]

Each benchmark writes its rows (see bench.py) to a file that it is given. With `--only` the rows of the others are those of the
last run; docs/performance.md says when each was measured. The soak takes twenty minutes and is run when it is named.
"""
import argparse
import datetime
import json
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile

from bench import describe, say

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent


def swift(name, *arguments):
    return ["swift", "run", "-c", "release", "--package-path", str(HERE), name, *arguments]


def script(name, *arguments):
    return [sys.executable, str(HERE / f"{name}.py"), *arguments]


# The order of the table. Each command takes `--json FILE`.
BENCHMARKS = {
    "pgbench": ("A point query", script("pgbench")),
    "session": ("The session machine", swift("session-bench")),
    "records": ("The evidence of a plain statement", swift("record-bench")),
    "ingest": ("A record in the collector's store", swift("ingest-bench")),
    "http": ("HTTP/1 heads and bodies", swift("http-bench")),
    "proxies": ("HTTP beside other proxies", script("http_proxy")),
    "bulk": ("A masked bulk read", script("bulk_read")),
    "detectors": ("Detectors", swift("detector-bench")),
    "decisions": ("Decisions", swift("decision-bench")),
    "footprint": ("What it costs to have one", script("footprint")),
    "connections": ("Connections that wait", script("connections")),
    "soak": ("A day in production, in twenty minutes", script("soak")),
}
ONLY_WHEN_NAMED = {"soak"}


def machine():
    cpu = re.search(r"model name\s*:\s*(.+)", pathlib.Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", pathlib.Path("/proc/meminfo").read_text()).group(1))
    done = subprocess.run(["swift", "--version"], capture_output=True, text=True)
    version = re.search(r"Swift version (\S+)", done.stdout)
    return {
        "processor": cpu.group(1) if cpu else platform.machine(), "cores": os.cpu_count(), "memory_gib": round(memory / 2**20),
        "kernel": platform.release(), "swift": version.group(1) if version else "unknown",
        "load": round(os.getloadavg()[0], 1),
    }


def number(value):
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def page(sections):
    """docs/performance.md."""
    lines = ["# Performance", "",
             "Written by `make bench`; do not edit. Each figure of another program was measured in the same run, by turns; what",
             "counts is the ratio. The policy has a hundred rules, masks and detectors; recording is on and a collector connected.",
             "Client, server, proxy and collector share the machine's cores; the collector, which in production is elsewhere, has a core",
             "when nobody else wants it. What the sidecar spends on sending the records counts.",
             ""]
    for section in sections.values():
        at = section["machine"]
        lines += [f"## {section['title']}", "",
                  f"{section['measured']}, {at['cores']} cores ({at['processor']}), {at['memory_gib']} GiB, Linux {at['kernel']}, "
                  f"Swift {at['swift']}, load before the run {at['load']}.", "",
                  "| work | ours | the other | ratio | target | |", "|---|---|---|---|---|---|"]
        for entry in section["rows"]:
            other = f"{number(entry['other'])} ({entry['other_name']})" if entry["other"] is not None else ""
            ratio = f"{entry['ratio']:.2f}×" if entry["ratio"] is not None else ""
            sign, times = "≤" if entry["better"] == "lower" else "≥", "×" if entry["ratio"] is not None else ""
            target = f"{sign} {entry['target']:g}{times}" if entry["target"] is not None else ""
            met = {True: "met", False: "**not met**", None: ""}[entry["met"]]
            lines.append(f"| {entry['work']} | {number(entry['ours'])} {entry['unit']} | {other} | {ratio} | {target} | {met} |")
        lines.append("")
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="some of: " + ", ".join(BENCHMARKS))
    parser.add_argument("--json", default=str(HERE / "results.json"))
    parser.add_argument("--pages", default=str(ROOT / "docs/performance.md"))
    arguments = parser.parse_args()
    wanted = [name for name in arguments.only.split(",") if name]
    wanted = wanted or [name for name in BENCHMARKS if name not in ONLY_WHEN_NAMED]
    unknown = set(wanted) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark is called {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    results = pathlib.Path(arguments.json)
    sections = json.loads(results.read_text()) if results.exists() else {}
    failed = []
    for name in wanted:
        title, command = BENCHMARKS[name]
        say(title)
        before = machine()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "rows.json"
            if subprocess.run([*command, "--json", str(file)], stdout=sys.stderr).returncode or not file.exists():
                failed.append(name)
                continue
            sections[name] = {"title": title, "measured": datetime.date.today().isoformat(), "machine": before,
                              "rows": json.loads(file.read_text())}
    sections = {name: sections[name] for name in BENCHMARKS if name in sections}
    results.write_text(json.dumps(sections, indent=2) + "\n")
    pathlib.Path(arguments.pages).write_text(page(sections))
    print(describe([entry for section in sections.values() for entry in section["rows"]]))
    if failed:
        print(f"report.py: {', '.join(failed)} gave no result", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
