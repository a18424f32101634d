#!/usr/bin/env python3
"""pgbench -S direct, through pgbouncer (session pooling) and through the sidecar, in turn, in one run.

Prints throughput and the proxy's CPU microseconds a transaction, each as the median of the rounds, and the ratios. The policy
is the demo's: masks, detectors and recording on, the collector connected.

    pgbench.py [--rounds 3] [--seconds 5] [--clients 16] [--json FILE]
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "examples/demo"))
from stack import DemoError, Stack, free_port, wait_for  # noqa: E402

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kib(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text()).group(1))


class Bench:
    def __init__(self, stack, arguments):
        self.stack, self.arguments = stack, arguments
        self.token = stack.token("bench", ["support"])
        versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda p: int(p.name))
        self.pgbench = str(versions[-1] / "bin/pgbench")
        self.script = stack.folder / "point.sql"
        self.script.write_text("\\set id random(1, 10000)\nSELECT id, city FROM shop.customers WHERE id = :id;\n")

    def start_pgbouncer(self):
        """Its CPU is the yardstick; absent where Debian's package is not installed."""
        program = shutil.which("pgbouncer") or "/usr/sbin/pgbouncer"
        if not os.access(program, os.X_OK):
            return None
        self.bouncer_port = free_port()
        users = self.stack.folder / "users.txt"
        users.write_text('"assistant" "known-to-the-sidecar-alone"\n')
        configuration = self.stack.folder / "pgbouncer.ini"
        configuration.write_text(
            f"[databases]\npostgres = host=127.0.0.1 port={self.stack.upstream}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n"
            f"listen_port = {self.bouncer_port}\nauth_type = scram-sha-256\nauth_file = {users}\npool_mode = session\n"
            "max_client_conn = 100\ndefault_pool_size = 64\nunix_socket_dir =\n")
        command = [program, "-q", str(configuration)]
        if os.geteuid() == 0:
            for file in (users, configuration):
                shutil.chown(file, "postgres")
            command = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] + command
        self.stack.start("pgbouncer", *command)
        wait_for("pgbouncer answers", lambda: socket.create_connection(("127.0.0.1", self.bouncer_port), 1))
        return self.stack.processes["pgbouncer"].pid

    def run(self, mode, port, password, pid):
        environment = dict(os.environ, PGPASSWORD=password, PGSSLMODE="prefer")
        before = cpu_seconds(pid) if pid else 0
        done = subprocess.run(
            [self.pgbench, "-n", "-M", mode, "-f", str(self.script), "-c", str(self.arguments.clients), "-j", "1", "-T",
             str(self.arguments.seconds), "-h", "127.0.0.1", "-p", str(port), "-U", "assistant", "postgres"],
            capture_output=True, text=True, env=environment)
        if done.returncode:
            raise DemoError(f"pgbench: {done.stderr.strip().splitlines()[-1]}")
        transactions = int(re.search(r"actually processed: (\d+)", done.stdout).group(1))
        used = (cpu_seconds(pid) - before) / transactions * 1e6 if pid else None
        return transactions / self.arguments.seconds, used


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--json")
    arguments = parser.parse_args()
    stack = Stack(lambda text: print(f"==> {text}", file=sys.stderr, flush=True))
    try:
        stack.make_keys()
        stack.start_postgres()
        stack.write_policy()
        stack.start_collector()
        stack.start_sidecar()
        bench = Bench(stack, arguments)
        sidecar = stack.processes["sidecar"].pid
        results = {"idle_resident_kib": resident_kib(sidecar)}
        bouncer = bench.start_pgbouncer()
        secret = "known-to-the-sidecar-alone"
        print(f"sidecar, idle: {results['idle_resident_kib']} KiB resident")
        print(f"{'mode':<10}{'path':<12}{'tps':>10}{'CPU µs/txn':>12}{'of direct':>11}{'CPU of pgbouncer':>18}")
        for mode in ("simple", "extended", "prepared"):
            paths = {"direct": (stack.upstream, secret, None), "sidecar": (stack.port, bench.token, sidecar)}
            if bouncer:
                paths["pgbouncer"] = (bench.bouncer_port, secret, bouncer)
            rounds = {path: [] for path in paths}
            for _ in range(arguments.rounds):
                for path, (port, password, pid) in paths.items():
                    rounds[path].append(bench.run(mode, port, password, pid))
            medians = {path: (statistics.median(r[0] for r in runs),
                              statistics.median(r[1] for r in runs) if runs[0][1] is not None else None)
                       for path, runs in rounds.items()}
            for path, (tps, cpu) in medians.items():
                of_direct = tps / medians["direct"][0]
                of_bouncer = cpu / medians["pgbouncer"][1] if cpu and bouncer else None
                print(f"{mode:<10}{path:<12}{tps:>10.0f}{cpu or 0:>12.1f}{of_direct:>11.2f}"
                      + (f"{of_bouncer:>18.2f}" if of_bouncer else ""), flush=True)
                results[f"{mode}.{path}"] = {"tps": tps, "cpu_us": cpu, "of_direct": of_direct, "of_pgbouncer": of_bouncer}
        results["busy_resident_kib"] = resident_kib(sidecar)
        print(f"sidecar, afterwards: {results['busy_resident_kib']} KiB resident")
        if arguments.json:
            pathlib.Path(arguments.json).write_text(json.dumps(results, indent=2) + "\n")
        return 0
    except DemoError as error:
        print(f"pgbench.py: {error}", file=sys.stderr)
        return 1
    finally:
        stack.close()


if __name__ == "__main__":
    sys.exit(main())
