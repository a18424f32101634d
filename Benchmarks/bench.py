"""What the benchmarks share: the demo's stack with a policy of a hundred rules, pgbouncer beside it, and the form of a result.

A result is a row: what was done, our figure, the other's, and the bound that their ratio has. Nothing is compared across runs:
both figures come from one run, by turns. Standard library only.
"""
import argparse
import contextlib
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples/demo"))
from stack import SECRET, DemoError, Stack, free_port, run, wait_for  # noqa: E402, F401

TICKS = os.sysconf("SC_CLK_TCK")
RULES = 100


def cpu_seconds(pid):
    """User and system time of a process so far, all its threads."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory_kib(pid, what="VmRSS"):
    """`VmRSS` now, `VmHWM` at the most since the start or the last `forget_peak`."""
    return int(re.search(rf"{what}:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


def forget_peak(pid):
    """Lets `VmHWM` begin anew (proc(5), clear_refs)."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def tool(name):
    """A program of the newest PostgreSQL here."""
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda p: int(p.name))
    return str(versions[-1] / "bin" / name)


def say(text):
    print(f"==> {text}", file=sys.stderr, flush=True)


class BenchStack(Stack):
    """The demo's parts, and pgbench's tables, under a realistic policy: masks, detectors, recording, a hundred rules."""

    def __init__(self):
        super().__init__(say)

    def start_all(self):
        self.make_keys()
        self.start_postgres()
        self.write_policy()
        self.start_collector()
        self.start_sidecar()
        self.agent_token = self.token("bench", ["support"])

    def start_postgres(self):
        super().start_postgres()
        done = subprocess.run(
            [tool("pgbench"), "-i", "-q", "-s", "1", "-h", str(self.data.parent), "-p", str(self.upstream), "-U", "postgres",
             "postgres"], capture_output=True, text=True)
        if done.returncode:
            raise DemoError(f"pgbench -i: {done.stderr.strip()}")
        self.owner_sql("GRANT SELECT ON pgbench_accounts, pgbench_branches, pgbench_tellers, pgbench_history TO assistant")

    def write_policy(self):
        """Rules of other teams and of tables that are not asked for: they all are judged, none applies."""
        with contextlib.redirect_stdout(None):
            super().write_policy()
        file = next(self.policy.glob("*.yaml"))
        text = file.read_text()
        written = text.count("  - name: ")
        rules = ["  - { name: pgbench, allow: [select], on: [customers-db], to: { groups: [support] },\n"
                 "      where: { tables: ['public.pgbench_*', 'public.bulk'] } }"]
        for number in range(RULES - written - len(rules)):
            # Three rules about one team's tables: a hold stands over an allow.
            verb, place = ("allow", "deny", "hold")[number % 3], number // 3
            verbs = "select" if verb == "allow" or verb == "hold" else "update"
            rule = (f"  - {{ name: rule-{number}, {verb}: [{verbs}], on: [customers-db], to: {{ groups: [team-{place % 20}] }},\n"
                    f"      where: {{ tables: [app.table_{place}, 'app_{place}.*'] }}")
            if verb == "hold":
                rule += ", approval: { by: { groups: [security] }, within: 2m }"
            rules.append(rule + " }")
        head, tail = text.split("\nrecord:", 1)
        file.write_text(head + "\n" + "\n".join(rules) + "\n\nrecord:" + tail)

    def start_pgbouncer(self):
        """In session pooling: what a sidecar does, a client to a server connection."""
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        if not os.access(program, os.X_OK):
            raise DemoError("pgbouncer is not installed: run dev/setup --bench")
        self.bouncer_port = free_port()
        users = self.folder / "users.txt"
        users.write_text(f'"assistant" "{SECRET}"\n')
        configuration = self.folder / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\npostgres = host=127.0.0.1 port={self.upstream}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {self.bouncer_port}\nauth_type = scram-sha-256\nauth_file = {users}\npool_mode = session\n"
            "max_client_conn = 100\ndefault_pool_size = 64\nunix_socket_dir =\n"
            "ignore_startup_parameters = extra_float_digits\n")
        command = [program, "-q", str(configuration)]
        if os.geteuid() == 0:
            for file in (users, configuration):
                shutil.chown(file, "postgres")
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
        self.start("pgbouncer", *command)
        wait_for("pgbouncer answers", lambda: socket.create_connection(("127.0.0.1", self.bouncer_port), 1))

    def metric(self, name):
        """What the sidecar says of itself."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ops}/metrics", timeout=5) as answer:
            text = answer.read().decode()
        return float(re.search(rf"^{name}(?:{{[^}}]*}})? (\S+)", text, re.MULTILINE).group(1))

    def wait_until_stored(self):
        """Until the collector has every record that there is."""
        wait_for("the collector has every record", lambda: self.metric("stile_records_appended_total")
                 == self.metric("stile_records_acknowledged_total"), seconds=300)

    def paths(self):
        """The ways to the database by name: port, password, the pid that stands between (none for direct)."""
        return {
            "direct": (self.upstream, SECRET, None),
            "pgbouncer": (self.bouncer_port, SECRET, self.processes["pgbouncer"].pid),
            "sidecar": (self.port, self.agent_token, self.processes["sidecar"].pid),
        }


def row(work, ours, other, other_name, target, unit, ratio=None, better="lower"):
    """One line of the table. `target` bounds ours as a multiple of the other's, or ours itself where there is no other.

    - better: `lower` when the bound is the most, `higher` when it is the least.
    """
    if ratio is None and other:
        ratio = ours / other
    judged = ours if ratio is None else ratio
    met = None if target is None else (judged <= target if better == "lower" else judged >= target)
    return {"work": work, "ours": ours, "other": other, "other_name": other_name, "ratio": ratio, "target": target,
            "unit": unit, "better": better, "met": met}


def median(values):
    return statistics.median(values)


def describe(rows):
    """The rows as a table for people."""
    lines = []
    for entry in rows:
        ratio = f"{entry['ratio']:.2f}×" if entry["ratio"] is not None else ""
        other = f"{entry['other']:.4g} ({entry['other_name']})" if entry["other"] is not None else ""
        sign = "≤" if entry["better"] == "lower" else "≥"
        of = "×" if entry["ratio"] is not None else ""
        target = f"{sign} {entry['target']:g}{of}" if entry["target"] is not None else ""
        met = {True: "met", False: "not met", None: ""}[entry["met"]]
        lines.append((entry["work"], f"{entry['ours']:.4g} {entry['unit']}", other, ratio, target, met))
    head = ("work", "ours", "the other", "ratio", "target", "")
    widths = [max(len(line[i]) for line in [head] + lines) for i in range(6)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in [head] + lines)


def finish(rows, path):
    """Prints the rows, and writes them where `report.py` finds them."""
    print(describe(rows), flush=True)
    if path:
        pathlib.Path(path).write_text(json.dumps(rows, indent=2) + "\n")


def main(text, make, measure, **options):
    """A benchmark from its options to its table; gives the program's status.

    - text: what it says of itself.
    - make: makes its stack.
    - measure: takes the stack and the options, and gives the rows and, where there are any, what was not as it must be.
    - options: the options' defaults by name.
    """
    parser = argparse.ArgumentParser(description=text, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name, default in options.items():
        parser.add_argument(f"--{name}", type=type(default), default=default)
    parser.add_argument("--json")
    arguments = parser.parse_args()

    def work(stack):
        measured = measure(stack, arguments)
        rows, faults = measured if isinstance(measured, tuple) else (measured, [])
        finish(rows, arguments.json)
        for fault in faults:
            print(f"NOT SO: {fault}")
        return 1 if faults else 0
    return run(make, work)
