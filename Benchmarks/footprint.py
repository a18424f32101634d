#!/usr/bin/env python3
"""What a sidecar costs before it does anything, and what a query costs it in allocations.

Prints the stripped size of the program, the time to compile a policy of 10,000 rules, the time from exec to listening with
that bundle, the resident memory when idle (with the bundle, and with the demo's policy), and the allocations of one point
query, simple and prepared: the difference between two runs of pgbench, counted by a preloaded malloc.
"""
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples/demo"))
from stack import DemoError, Stack, free_port, wait_for  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


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
                memory = resident_kib(process.pid)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()
    return statistics.median(times), memory


def allocations(stack, mode):
    """Allocations a transaction, as the difference between a long and a short run: what a session costs drops out."""
    count = stack.folder / "mallocs"
    versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda p: int(p.name))
    script = stack.folder / "point.sql"
    script.write_text("\\set id random(1, 10000)\nSELECT id, city FROM shop.customers WHERE id = :id;\n")
    token = stack.token("bench", ["support"])

    def run(transactions):
        before = int.from_bytes(count.read_bytes(), "little")
        subprocess.run([str(versions[-1] / "bin/pgbench"), "-n", "-M", mode, "-f", str(script), "-c", "1", "-t", str(transactions),
                        "-h", "127.0.0.1", "-p", str(stack.port), "-U", "assistant", "postgres"], check=True,
                       capture_output=True, env=dict(os.environ, PGPASSWORD=token))
        return int.from_bytes(count.read_bytes(), "little") - before
    run(500)
    return (run(5_500) - run(500)) / 5_000


def main():
    stack = Stack(lambda text: print(f"==> {text}", file=sys.stderr, flush=True))
    try:
        library = stack.folder / "malloc_count.so"
        subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(HERE / "malloc_count.c")], check=True)
        stripped = stack.folder / "stripped"
        subprocess.run(["strip", "-o", str(stripped), stack.programs["stile-sidecar"]], check=True)
        print(f"stile-sidecar, stripped: {stripped.stat().st_size / 1e6:.1f} MB (target 40)")
        stack.make_keys()
        stack.start_postgres()
        stack.write_policy()
        port = free_port()
        folder, bundle = many_rules(stack, 10_000, port), stack.folder / "many.bundle"
        begin = time.monotonic()
        stack.run_stile("policy", "compile", str(folder), "-o", str(bundle))
        print(f"compiling 10,000 rules: {(time.monotonic() - begin) * 1000:.0f} ms, {bundle.stat().st_size / 1e6:.1f} MB")
        milliseconds, memory = until_listening(stack, bundle, port)
        print(f"from exec to listening, 10,000 rules: {milliseconds:.1f} ms, median of 9 (target 100)")
        print(f"idle with them: {memory / 1024:.1f} MiB resident (target 30)")
        os.environ["STILE_MALLOC_COUNT"] = str(stack.folder / "mallocs")
        stack.start_collector()
        os.environ["LD_PRELOAD"] = str(library)
        stack.start_sidecar()
        del os.environ["LD_PRELOAD"]
        ready = time.monotonic()
        wait_for("memory has settled", lambda: time.monotonic() - ready > 4)
        print(f"idle with the demo's policy and a collector: "
              f"{resident_kib(stack.processes['sidecar'].pid) / 1024:.1f} MiB resident (target 30)")
        for mode in ("simple", "extended", "prepared"):
            print(f"allocations a point query, {mode}: {allocations(stack, mode):.1f}")
        return 0
    except DemoError as error:
        print(f"footprint.py: {error}", file=sys.stderr)
        return 1
    finally:
        stack.close()


if __name__ == "__main__":
    sys.exit(main())
