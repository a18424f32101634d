#!/usr/bin/env python3
"""What a sidecar costs before it does anything, and what a query costs it in allocations.

The stripped size of the program, the time to compile a policy of 10,000 rules, the time from exec to listening with that
bundle, the resident memory when idle (with it, and with the policy of the other benchmarks), and the allocations of a point
query: the difference between two runs of pgbench, counted by a preloaded malloc.

    footprint.py [--json FILE]
"""
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import sys
import time

from bench import BenchStack, DemoError, free_port, main, memory_kib, row, tool, wait_for

HERE = pathlib.Path(__file__).resolve().parent


def many_rules(stack, number, port):
    lines = ["apiVersion: stile.dev/v1", "kind: Policy", "metadata: { name: many }", "identity:", "  issuers:",
             f"    - {{ url: https://login.example.com, audience: a, jwksFile: {stack.folder}/jwks.json }}", "resources:",
             f"  db: {{ protocol: postgres, listen: '127.0.0.1:{port}', upstream: '127.0.0.1:{stack.upstream}', tls: disable,",
             f"         credentials: {{ usernameFile: {stack.folder}/credentials/username,",
             f"                         passwordFile: {stack.folder}/credentials/password }} }}", "rules:"]
    for rule in range(number):
        lines.append(f"  - {{ name: rule-{rule}, allow: [select], on: [db], to: {{ groups: [team-{rule % 500}] }}, "
                     f"where: {{ tables: [app.table_{rule}] }} }}")
    folder = stack.folder / f"rules-{number}"
    folder.mkdir()
    (folder / "policy.yaml").write_text("\n".join(lines) + "\n")
    return folder


def until_listening(stack, bundle, port, rounds=9):
    """Milliseconds from exec to the first accepted connection, and kilobytes resident after four seconds of idling."""
    times, memory = [], 0
    for round_number in range(rounds):
        command = [stack.programs["stile-sidecar"], "--policy", str(bundle), "--spool", str(stack.folder / "spool-many"),
                   "--ops", "none", "--sidecar-id", "bench", "--log-level", "error"]
        begin = time.monotonic()
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while True:
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                if process.poll() is not None or time.monotonic() - begin > 20:
                    raise DemoError("the sidecar with many rules did not start")
                time.sleep(0.0005)
            times.append((time.monotonic() - begin) * 1000)
            if round_number == rounds - 1:
                wait_for("memory has settled", lambda: time.monotonic() - begin > 4)
                memory = memory_kib(process.pid)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    return statistics.median(times), memory


def allocations(stack, mode):
    """Allocations a transaction, as the difference between a long and a short run: what a session costs drops out."""
    count = stack.folder / "mallocs"
    token = stack.token("bench", ["support"])

    def run(transactions):
        before = int.from_bytes(count.read_bytes(), "little")
        subprocess.run([tool("pgbench"), "-n", "-S", "-M", mode, "-c", "1", "-t", str(transactions),
                        "-h", "127.0.0.1", "-p", str(stack.port), "-U", "assistant", "postgres"], check=True,
                       capture_output=True, env=dict(os.environ, PGPASSWORD=token))
        return int.from_bytes(count.read_bytes(), "little") - before
    run(500)
    return (run(5_500) - run(500)) / 5_000


def measure(stack, _):
    rows = []
    library = stack.folder / "allocations.so"
    counters = HERE / "Sources/CCounters"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-I", str(counters / "include"), "-o", str(library),
                    str(counters / "allocations.c")], check=True)
    stripped = stack.folder / "stripped"
    subprocess.run(["strip", "-o", str(stripped), stack.programs["stile-sidecar"]], check=True)
    rows.append(row("stile-sidecar, stripped", stripped.stat().st_size / 1e6, None, None, 40, "MB"))
    stack.make_keys()
    stack.start_postgres()
    stack.write_policy()
    port = free_port()
    folder, bundle = many_rules(stack, 10_000, port), stack.folder / "many.bundle"
    begin = time.monotonic()
    stack.run_stile("policy", "compile", str(folder), "-o", str(bundle))
    rows.append(row("compiling 10,000 rules", (time.monotonic() - begin) * 1000, None, None, None, "ms"))
    rows.append(row("a bundle of 10,000 rules", bundle.stat().st_size / 1e6, None, None, None, "MB"))
    milliseconds, memory = until_listening(stack, bundle, port)
    rows.append(row("from exec to listening, 10,000 rules", milliseconds, None, None, 100, "ms"))
    rows.append(row("resident when idle, 10,000 rules", memory / 1024, None, None, 30, "MiB"))
    os.environ["STILE_MALLOC_COUNT"] = str(stack.folder / "mallocs")
    stack.start_collector()
    os.environ["LD_PRELOAD"] = str(library)
    stack.start_sidecar()
    del os.environ["LD_PRELOAD"]
    ready = time.monotonic()
    wait_for("memory has settled", lambda: time.monotonic() - ready > 4)
    idle = memory_kib(stack.processes["sidecar"].pid) / 1024
    rows.append(row("resident when idle, a collector connected", idle, None, None, 30, "MiB"))
    for mode in ("simple", "extended", "prepared"):
        rows.append(row(f"allocations a point query, {mode}", allocations(stack, mode), None, None, None, ""))
    return rows


if __name__ == "__main__":
    sys.exit(main(__doc__, BenchStack, measure))
