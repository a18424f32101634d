#!/usr/bin/env python3
"""A day in production, in minutes: connection churn, policy reloads, restarts of collector and upstream, readers that do not read,
and a spool that fills, all on real parts.

    soak.py [--minutes 20] [--json FILE]

Each of these must have happened at least once. At the end, with all of it stopped, these must hold: the sidecar's memory and
descriptors are where they were after the warm-up, but for what comes and goes by itself;
every answer that a client got is in the collector's store, each chain whole and without a finding; while a client did not
read, the server waited for it and the sidecar's memory stood still; while the collector was away, the spool stayed within its bound.
Exits with 1 when one does not.
"""
import os
import re
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import threading
import time

from bench import BenchStack, DemoError, main, memory_kib, row, say, tool, wait_for

SPOOL_LIMIT = 32 << 20
MEMORY_SLACK_KIB = 8 << 10
# What comes and goes by itself: the spool's segment that is made ahead of time, a connection of the sidecar's own to the database.
DESCRIPTOR_SLACK = 2
# A run in which one of these never happened has shown nothing.
MUST_HAPPEN = ["runs of pgbench", "policy reloads", "upstream restarts", "collector restarts", "spools filled", "readers that did not read"]


class SoakStack(BenchStack):
    def start_sidecar(self):
        os.environ["STILE_SPOOL_LIMIT"] = f"{SPOOL_LIMIT >> 20}MiB"
        super().start_sidecar()

    @property
    def sidecar(self):
        return self.processes["sidecar"].pid

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.sidecar}/fd"))

    def spool_bytes(self):
        return sum(file.stat().st_size for file in (self.folder / "spool").rglob("*") if file.is_file())

    def restart_upstream(self):
        self.as_server_user(self.postgres_tool("pg_ctl"), "-D", str(self.data), "-m", "fast", "-s", "-w", "restart",
                            "-l", str(self.data.parent / "log"))

    def stop_collector(self):
        process = self.processes["collector"]
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)

    def reload_policy(self, number):
        """Another rule each time, as a ConfigMap changes: the new file takes the old one's place at once."""
        file = next(self.policy.glob("*.yaml"))
        text = re.sub(r"\n  - \{ name: soak-.*", "", file.read_text())
        rule = f"\n  - {{ name: soak-{number}, deny: [select], where: {{ tables: [app.soak_{number}] }} }}"
        new = file.with_suffix(".new")
        new.write_text(text.replace("\nrules:", "\nrules:" + rule, 1))
        new.replace(file)


class SlowReader:
    """Asks for some hundred megabytes and does not read them."""

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port), 10)
        self.socket.sendall(self.message(b"", struct.pack(">I", 196608) + b"user\0assistant\0database\0postgres\0\0"))
        self.until(b"R")
        self.socket.sendall(self.message(b"p", token.encode() + b"\0"))
        self.until(b"Z")
        self.socket.sendall(self.message(b"Q", b"SELECT a.filler FROM pgbench_accounts a, pgbench_tellers\0"))

    @staticmethod
    def message(tag, body):
        return tag + struct.pack(">I", len(body) + 4) + body

    def exactly(self, count):
        data = b""
        while len(data) < count:
            part = self.socket.recv(count - len(data))
            if not part:
                raise DemoError("the slow reader's connection ended")
            data += part
        return data

    def until(self, wanted):
        while True:
            tag, size = struct.unpack(">cI", self.exactly(5))
            body = self.exactly(size - 4)
            if tag == b"E":
                raise DemoError(f"the slow reader was refused: {body!r}")
            if tag == wanted:
                return

    def close(self):
        self.socket.close()


class Soak:
    def __init__(self, stack, minutes):
        self.stack, self.seconds = stack, minutes * 60
        self.end = threading.Event()
        self.lock = threading.Lock()
        self.answered = 0
        self.happened = {}
        self.faults = []

    def count(self, what, number=1):
        with self.lock:
            self.happened[what] = self.happened.get(what, 0) + number

    def load(self, *options):
        """pgbench in short runs, whatever becomes of them: what it says that it processed, it has had answers to."""
        while not self.end.is_set():
            done = subprocess.run(
                [tool("pgbench"), "-n", "-S", "-T", "4", "-h", "127.0.0.1", "-p", str(self.stack.port), "-U", "assistant", *options,
                 "postgres"], capture_output=True, text=True, env=dict(os.environ, PGPASSWORD=self.stack.agent_token))
            found = re.search(r"actually processed: (\d+)", done.stdout)
            with self.lock:
                self.answered += int(found.group(1)) if found else 0
            self.count("runs of pgbench" if done.returncode == 0 else "runs of pgbench cut short")
            self.end.wait(0.2 if done.returncode else 0)

    def reloads(self):
        number = 0
        while not self.end.wait(7):
            number += 1
            self.stack.reload_policy(number)
            self.count("policy reloads")

    def slow_readers(self):
        while not self.end.wait(3):
            try:
                reader = SlowReader(self.stack.port, self.stack.agent_token)
            except (DemoError, OSError):
                continue
            try:
                before = memory_kib(self.stack.sidecar)
                waits = lambda: int(self.stack.owner_sql(  # noqa: E731
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'ClientWrite'"))
                wait_for("the server waits for a reader that does not read", waits, seconds=10)
                self.end.wait(5)
                grown = memory_kib(self.stack.sidecar) - before
                if grown > MEMORY_SLACK_KIB:
                    self.faults.append(f"memory grew by {grown} KiB while a client did not read")
                self.count("readers that did not read")
            except (DemoError, subprocess.CalledProcessError):
                # The upstream was restarted meanwhile.
                self.count("readers that were cut off")
            finally:
                reader.close()

    def disturbances(self):
        while True:
            if self.end.wait(15):
                return
            self.stack.restart_upstream()
            self.count("upstream restarts")
            if self.end.wait(15):
                return
            self.stack.stop_collector()
            away, refusals = time.monotonic(), self.stack.metric("stile_spool_refusals_total")
            # With nobody to take records the data path must stop before the spool is past its bound.
            flood = subprocess.run(
                [tool("pgbench"), "-n", "-S", "-c", "8", "-T", "60", "-h", "127.0.0.1", "-p", str(self.stack.port), "-U", "assistant",
                 "postgres"], capture_output=True, text=True, env=dict(os.environ, PGPASSWORD=self.stack.agent_token))
            found = re.search(r"actually processed: (\d+)", flood.stdout)
            with self.lock:
                self.answered += int(found.group(1)) if found else 0
            size = self.stack.spool_bytes()
            if size > SPOOL_LIMIT * 1.1:
                self.faults.append(f"the spool holds {size} bytes of {SPOOL_LIMIT}")
            self.count("spools filled" if self.stack.metric("stile_spool_refusals_total") > refusals else "spools not filled")
            say(f"the collector was away for {time.monotonic() - away:.0f} s; the spool holds {size >> 20} MiB")
            self.stack.start_collector()
            self.count("collector restarts")

    def settle(self, memory=0, descriptors=0):
        """Nothing runs, everything is stored, memory that is given back when idle has been given back: when as little is held as is
        given, or a minute has passed.
        """
        self.stack.wait_until_stored()
        # The sidecar's own queries end, and pages are given back, some while after the last session.
        low = memory_kib(self.stack.sidecar)
        until = time.monotonic() + 75
        while time.monotonic() < until and (low > memory or self.stack.descriptors() > descriptors):
            time.sleep(1)
            low = min(low, memory_kib(self.stack.sidecar))
        return low, self.stack.descriptors()

    def run(self):
        stack = self.stack
        # No more than the small spool of this run holds, however fast: a full one ends sessions, and is tried later.
        warm = [tool("pgbench"), "-n", "-S", "-c", "16", "-t", "2000", "-h", "127.0.0.1", "-p", str(stack.port), "-U", "assistant", "postgres"]
        done = subprocess.run(warm, capture_output=True, text=True, env=dict(os.environ, PGPASSWORD=stack.agent_token), check=True)
        self.answered += int(re.search(r"actually processed: (\d+)", done.stdout).group(1))
        memory, descriptors = self.settle()
        say(f"after the warm-up: {memory} KiB resident, {descriptors} descriptors")
        threads = [threading.Thread(target=target, args=args) for target, *args in (
            (self.load, "-M", "prepared", "-c", "4", "-R", "400"), (self.load, "-C", "-c", "2", "-R", "40"),
            (self.load, "-M", "extended", "-c", "2", "-R", "100"), (self.reloads,), (self.slow_readers,), (self.disturbances,))]
        for thread in threads:
            thread.start()
        peak, until = 0, time.monotonic() + self.seconds
        try:
            while time.monotonic() < until and stack.processes["sidecar"].poll() is None:
                peak = max(peak, memory_kib(stack.sidecar))
                time.sleep(0.5)
        finally:
            # Whatever ends the run ends them first: the stack goes away with it.
            self.end.set()
            for thread in threads:
                thread.join()
        if stack.processes["sidecar"].poll() is not None:
            raise DemoError(f"the sidecar ended: {stack.log('sidecar').splitlines()[-1:]}")
        memory_after, descriptors_after = self.settle(memory, descriptors + DESCRIPTOR_SLACK)
        stored, findings, gaps = self.store()
        self.faults += [f"not once: {what}" for what in MUST_HAPPEN if not self.happened.get(what)]
        if memory_after > memory + MEMORY_SLACK_KIB:
            self.faults.append(f"{memory_after} KiB resident at the end, {memory} after the warm-up")
        if descriptors_after > descriptors + DESCRIPTOR_SLACK:
            self.faults.append(f"{descriptors_after} descriptors at the end, {descriptors} after the warm-up")
        if stored < self.answered:
            self.faults.append(f"{self.answered} answers, and evidence of {stored}")
        if gaps:
            self.faults.append(f"{gaps} chains with gaps in the store")
        return [
            row("memory when idle, after against before", memory_after / 1024, memory / 1024, "before", None, "MiB"),
            row("descriptors when idle, more than before", descriptors_after - descriptors, None, None, DESCRIPTOR_SLACK, ""),
            row("the most memory meanwhile", peak / 1024, None, None, None, "MiB"),
            row("statements in the store against answers", stored, self.answered, "answers", 1.0, "", better="higher"),
            row("findings and gaps in the store", findings + gaps, None, None, 0, ""),
        ] + [row(what, number, None, None, None, "") for what, number in sorted(self.happened.items())]

    def store(self):
        """Statements that ended, findings, and sessions whose records have a gap."""
        with sqlite3.connect(self.stack.folder / "collector/collector.sqlite") as store:
            ended = store.execute("SELECT count(*) FROM records WHERE kind IN ('completed', 'statement-run')").fetchone()[0]
            kinds = dict(store.execute("SELECT kind, count(*) FROM findings WHERE resolved_us IS NULL GROUP BY kind"))
            gaps = store.execute("SELECT count(*) FROM sessions WHERE next_sequence != max_sequence + 1").fetchone()[0]
        for kind, number in kinds.items():
            self.faults.append(f"{number} findings of kind {kind}")
        return ended, sum(kinds.values()), gaps


def measure(stack, arguments):
    stack.start_all()
    soak = Soak(stack, arguments.minutes)
    rows = soak.run()
    return rows, soak.faults


if __name__ == "__main__":
    sys.exit(main(__doc__, SoakStack, measure, minutes=20.0))
