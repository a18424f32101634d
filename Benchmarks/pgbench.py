#!/usr/bin/env python3
"""`pgbench -S` direct, through pgbouncer (session pooling) and through the sidecar, by turns, in one run.

Throughput, the CPU time that the proxy spends on a transaction, and the latency that it adds under light load (one client, so
that nothing queues), each as the median of the rounds. The sidecar records, and a collector is connected.

Client, server, proxy and collector share this machine's cores. The collector runs when nobody else wants one: in production it is
elsewhere, and what it does to the others' cores is no cost of the path. What the sidecar spends on sending it the records counts,
whenever that is: a round of the sidecar's ends when all are stored.

    pgbench.py [--rounds 3] [--seconds 5] [--clients 16] [--json FILE]
"""
import bisect
import os
import pathlib
import re
import subprocess
import sys
import tempfile

from bench import BenchStack, DemoError, cpu_seconds, main, median, memory_kib, row, tool

MODES = ("simple", "extended", "prepared")


def pgbench(mode, clients, seconds, port, password, log=None):
    """Transactions done."""
    command = [tool("pgbench"), "-n", "-S", "-M", mode, "-c", str(clients), "-j", "1", "-T", str(seconds),
               "-h", "127.0.0.1", "-p", str(port), "-U", "assistant"]
    if log:
        command += ["-l", "--log-prefix", log]
    done = subprocess.run(command + ["postgres"], capture_output=True, text=True,
                          env=dict(os.environ, PGPASSWORD=password, PGSSLMODE="prefer"))
    if done.returncode:
        raise DemoError(f"pgbench: {done.stderr.strip().splitlines()[-1]}")
    return int(re.search(r"actually processed: (\d+)", done.stdout).group(1))


def load(stack, arguments):
    """Sixteen clients as fast as they go."""
    rows = []
    for mode in MODES:
        speed = {path: [] for path in stack.paths()}
        cost = {path: [] for path in stack.paths()}
        for _ in range(arguments.rounds):
            for path, (port, password, pid) in stack.paths().items():
                before = cpu_seconds(pid) if pid else 0
                transactions = pgbench(mode, arguments.clients, arguments.seconds, port, password)
                speed[path].append(transactions / arguments.seconds)
                # What is sent to the collector later was made now; and the next round is not to pay for it.
                if path == "sidecar":
                    stack.wait_until_stored()
                if pid:
                    cost[path].append((cpu_seconds(pid) - before) / transactions * 1e6)
        rows.append(row(f"pgbench -S, {mode}: CPU a transaction", median(cost["sidecar"]), median(cost["pgbouncer"]),
                        "pgbouncer", 1.25, "µs"))
        rows.append(row(f"pgbench -S, {mode}: transactions a second", median(speed["sidecar"]), median(speed["pgbouncer"]),
                        "pgbouncer", 1.0, "/s", better="higher"))
        rows.append(row(f"pgbench -S, {mode}: transactions a second", median(speed["sidecar"]), median(speed["direct"]),
                        "direct", None, "/s", better="higher"))
    return rows


def latencies(port, password, seconds):
    """Microseconds of each transaction of one client, sorted."""
    with tempfile.TemporaryDirectory() as folder:
        pgbench("prepared", 1, seconds, port, password, log=f"{folder}/log")
        # client, transaction, microseconds, script, seconds, microseconds (pgbench's documentation, per-transaction log)
        return sorted(int(line.split()[2]) for file in pathlib.Path(folder).iterdir() for line in file.open())


def percentile(times, percent):
    """Of sorted whole microseconds, told finer than they are: by how far into those of the same value the rank lies."""
    rank = len(times) * percent / 100
    value = times[min(int(rank), len(times) - 1)]
    first, last = bisect.bisect_left(times, value), bisect.bisect_right(times, value)
    return value - 0.5 + (rank - first) / (last - first)


def step_back(pid):
    """Has a process, all its threads, run when nobody else wants the core (sched(7), SCHED_IDLE)."""
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        os.sched_setscheduler(int(task.name), os.SCHED_IDLE, os.sched_param(0))


def light(stack, arguments):
    """What a proxy adds to a point query of one client, at the median and at the 99th percentile."""
    figures = {path: {50: [], 99: []} for path in stack.paths()}
    # Many short rounds rather than few long ones: what else the machine does comes and goes, and meets all three alike.
    for _ in range(arguments.rounds * arguments.seconds):
        for path, (port, password, _) in stack.paths().items():
            times = latencies(port, password, 1)
            if path == "sidecar":
                stack.wait_until_stored()
            for percent, values in figures[path].items():
                values.append(percentile(times, percent))
    rows = []
    for percent in (50, 99):
        base = median(figures["direct"][percent])
        # Below a microsecond nothing is told apart.
        ours, other = (max(median(figures[path][percent]) - base, 1) for path in ("sidecar", "pgbouncer"))
        rows.append(row(f"added latency of a point query, p{percent}", ours, other, "pgbouncer", 1.2, "µs"))
    return rows


def measure(stack, arguments):
    stack.start_all()
    stack.start_pgbouncer()
    step_back(stack.processes["collector"].pid)
    rows = load(stack, arguments) + light(stack, arguments)
    memory = memory_kib(stack.processes["sidecar"].pid) / 1024
    return rows + [row("resident memory after the load", memory, None, None, None, "MiB")]


if __name__ == "__main__":
    sys.exit(main(__doc__, BenchStack, measure, rounds=3, seconds=5, clients=16))
