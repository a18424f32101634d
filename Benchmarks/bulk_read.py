#!/usr/bin/env python3
"""A masked bulk read through psql: direct, through the sidecar and through pgbouncer, by turns, in one run.

The table has 200,000 rows of 7 columns, 37 MB on the wire. The policy masks three of its columns and has every detector look
through the rest, with 100 rules, recording on and the collector connected. A row's ratio is the median of the rounds' ratios. Then
ten times as many rows are read, and a client reads them slowly: the sidecar's memory must not grow.

    bulk_read.py [--rounds 7] [--rows 200000] [--json FILE]
"""
import re
import select
import socket
import struct
import subprocess
import sys
import time

from bench import RULES, BenchStack, DemoError, cpu_seconds, forget_peak, main, median, memory_kib, row
from stack import ISSUER

MEMORY_TARGET = 60
# All that are built in.
DETECTORS = (
    "anthropic-key aws-access-key aws-secret-key credit-card date-of-birth drivers-license email github-token gitlab-token "
    "google-api-key huggingface-token iban ipv4 ipv6 jwt medical-record-number npm-token openai-key passport phone "
    "private-key-block pypi-token sendgrid-key slack-token stripe-key us-npi us-ssn").split()

TABLE = """
CREATE FUNCTION pg_temp.pick(n int, what text) RETURNS int LANGUAGE sql IMMUTABLE AS
$$ SELECT ('x' || substr(md5(what || ':' || n), 1, 7))::bit(28)::int $$;
CREATE TABLE shop.people (
    id int PRIMARY KEY, name text NOT NULL, email text NOT NULL, ssn text NOT NULL, card text NOT NULL, city text NOT NULL,
    note text);
INSERT INTO shop.people
SELECT id, first || ' ' || last, lower(first) || '.' || lower(last) || id || '@example.com',
       lpad((101 + pg_temp.pick(id, 'a') % 560)::text, 3, '0') || '-' || lpad((10 + pg_temp.pick(id, 'b') % 89)::text, 2, '0')
           || '-' || lpad((1000 + pg_temp.pick(id, 'c') % 8999)::text, 4, '0'),
       '4539' || lpad((pg_temp.pick(id, 'd') % 1000000)::text, 6, '0') || lpad((pg_temp.pick(id, 'e') % 1000000)::text, 6, '0'),
       (ARRAY['Albany','Boise','Chicago','Denver','El Paso','Fresno','Houston','Madison','Norfolk','Portland'])
           [1 + pg_temp.pick(id, 'city') % 10],
       CASE pg_temp.pick(id, 'note') % 10
           WHEN 0 THEN 'The customer asked for a refund of order ' || id || ' and was told to wait.'
           WHEN 1 THEN 'Shipped on 2026-04-' || 10 + id % 20 || ' with the second parcel, left with a neighbour.'
           WHEN 2 THEN 'Second address: mail to ' || lower(last) || id || '@example.org, never to the old one.'
           WHEN 3 THEN 'Prefers to be called after six; the number on the account is out of date, says the spouse.'
           WHEN 4 THEN '{"size": "L", "colour": "blue", "count": ' || id % 9 || ', "gift": false, "sku": "AB-' || id || '"}'
           WHEN 5 THEN NULL
           ELSE 'Asked about the return policy and the opening hours of the shop in the old town, and was content.'
       END
FROM (
    SELECT id,
           (ARRAY['Ada','Ben','Cleo','Dara','Eli','Fay','Gus','Hana','Ivo','June','Kai','Lena','Milo','Nora','Otis','Pia'])
               [1 + pg_temp.pick(id, 'first') % 16] AS first,
           (ARRAY['Abbott','Baker','Chavez','Dunn','Ellis','Flores','Grant','Hayes','Ingram','Jensen','Klein','Lopez',
                  'Mercer','Novak','Ortega','Price']) [1 + pg_temp.pick(id, 'last') % 16] AS last
    FROM generate_series(1, {rows}) AS id
) AS people;
GRANT SELECT ON shop.people TO assistant;
"""


class BulkStack(BenchStack):
    """With a policy that permits a bulk read and has something to do at every value of it."""

    def write_policy(self):
        super().write_policy()
        credentials = self.folder / "credentials"
        lines = [
            "apiVersion: stile.dev/v1", "kind: Policy", "metadata: { name: bulk }", "identity:", "  issuers:",
            f"    - {{ url: '{ISSUER}', audience: support-assistant, groupsClaim: groups,",
            f"         jwksFile: '{self.folder}/jwks.json', clockSkew: 0s }}",
            "resources:",
            f"  customers-db: {{ protocol: postgres, listen: '127.0.0.1:{self.port}', upstream: '127.0.0.1:{self.upstream}',",
            f"         tls: disable, credentials: {{ usernameFile: '{credentials}/username',",
            f"         passwordFile: '{credentials}/password' }} }}",
            "classifications:",
            f"  pii: {{ columns: ['*.*.email', '*.*.ssn'], detectors: [{', '.join(DETECTORS)}], mask: redact }}",
            "  cards: { columns: ['*.*.card'], mask: { keepLast: 4 } }",
            "rules:",
            "  - { name: support-reads, allow: [select], on: [customers-db], to: { groups: [support] },",
            "      where: { tables: ['shop.*'] } }"]
        for number in range(RULES - 1):
            lines.append(f"  - {{ name: rule-{number}, allow: [select], on: [customers-db], "
                         f"to: {{ groups: [team-{number}] }}, where: {{ tables: [app.table_{number}] }} }}")
        lines.append("record: { statements: masked, responses: masked, maxResponseBytes: 64KiB, whenSpoolIsFull: deny }")
        for file in self.policy.glob("*.yaml"):
            file.unlink()
        (self.policy / "policy.yaml").write_text("\n".join(lines) + "\n")
        self.run_stile("policy", "check", str(self.policy))


def psql(stack, port, password, statement):
    """Seconds of a psql whose output nobody reads."""
    begin = time.monotonic()
    done = subprocess.run(
        stack.psql_command(port) + ["-q", "-c", statement], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
        env=stack.psql_environment(password))
    if done.returncode:
        raise DemoError(f"psql: {done.stderr.strip()}")
    return time.monotonic() - begin


def check(stack, statement):
    """That what is measured is masked: a fast leak would be no result."""
    done = subprocess.run(
        stack.psql_command(stack.port) + ["-q", "-A", "-t", "-F", "\t", "-c", statement], text=True, capture_output=True,
        env=stack.psql_environment(stack.agent_token))
    if done.returncode:
        raise DemoError(f"psql: {done.stderr.strip()}")
    lines = done.stdout.splitlines()
    for line in lines:
        values = line.split("\t")
        if len(values) != 7 or "@" in line or re.search(r"\d{3}-\d{2}-\d{4}", line) or not values[4].startswith("*"):
            raise DemoError(f"a row came unmasked: {line}")
    if not lines:
        raise DemoError("no row came")


class SlowClient:
    """A client of its own, which reads as slowly as it is told to."""

    def __init__(self, port, password):
        self.socket = socket.create_connection(("127.0.0.1", port))
        parameters = b"user\0assistant\0database\0postgres\0\0"
        self.socket.sendall(struct.pack("!II", len(parameters) + 8, 3 << 16) + parameters)
        if self.socket.recv(1) != b"R":
            raise DemoError("the sidecar asks for no password")
        self.socket.recv(8)
        body = password.encode() + b"\0"
        self.socket.sendall(b"p" + struct.pack("!I", len(body) + 4) + body)
        self.until_ready()

    def until_ready(self, limit=None, pause=0.0):
        """Reads to ReadyForQuery, or for `limit` seconds. Gives how many bytes came."""
        total, tail, begin = 0, b"", time.monotonic()
        while limit is None or time.monotonic() - begin < limit:
            if pause:
                select.select([], [], [], pause)
            data = self.socket.recv(1 << 18 if not pause else 1 << 14)
            if not data:
                raise DemoError("the connection was closed")
            total += len(data)
            tail = (tail + data)[-6:]
            if tail == b"Z\0\0\0\5I":
                break
        return total

    def query(self, statement):
        body = statement.encode() + b"\0"
        self.socket.sendall(b"Q" + struct.pack("!I", len(body) + 4) + body)


def measure_time(stack, rounds, size):
    rows = []
    sidecar = stack.processes["sidecar"].pid
    check(stack, "SELECT * FROM shop.people LIMIT 2000")
    check(stack, "COPY (SELECT * FROM shop.people LIMIT 2000) TO STDOUT")
    works = {"SELECT": ("SELECT * FROM shop.people", 1.5), "COPY": ("COPY shop.people TO STDOUT", None),
             "COPY, csv": ("COPY shop.people TO STDOUT (FORMAT csv)", None)}
    for name, (statement, target) in works.items():
        times = {path: [] for path in stack.paths()}
        cost = []
        forget_peak(sidecar)
        for _ in range(rounds):
            for path, (port, password, _) in stack.paths().items():
                before = cpu_seconds(sidecar)
                times[path].append(psql(stack, port, password, statement))
                if path == "sidecar":
                    cost.append(cpu_seconds(sidecar) - before)
        for other in ("direct", "pgbouncer"):
            ratio = median([ours / theirs for ours, theirs in zip(times["sidecar"], times[other])])
            rows.append(row(f"a masked read of {size / 1e6:.0f} MB, {name}", median(times["sidecar"]), median(times[other]),
                            other, target if other == "direct" else None, "s", ratio=ratio))
        rows.append(row(f"a masked read, {name}: the sidecar's CPU", size / 1e6 / max(median(cost), 0.01), None, None, None,
                        "MB/s", better="higher"))
        rows.append(row(f"a masked read, {name}: resident at the most", memory_kib(sidecar, "VmHWM") / 1024, None, None,
                        MEMORY_TARGET, "MiB"))
    return rows


def measure_memory(stack):
    rows = []
    sidecar = stack.processes["sidecar"].pid
    ten = "SELECT p.* FROM shop.people AS p CROSS JOIN generate_series(1, 10)"
    for name, statement in {"SELECT": ten, "COPY": f"COPY ({ten}) TO STDOUT"}.items():
        client = SlowClient(stack.port, stack.agent_token)
        forget_peak(sidecar)
        client.query(statement)
        received = client.until_ready()
        rows.append(row(f"a masked read of {received / 1e6:.0f} MB, {name}: resident at the most",
                        memory_kib(sidecar, "VmHWM") / 1024, None, None, MEMORY_TARGET, "MiB"))
        client.socket.close()
    client = SlowClient(stack.port, stack.agent_token)
    forget_peak(sidecar)
    client.query(ten)
    received = client.until_ready(limit=5, pause=0.01)
    waits = stack.owner_sql("SELECT wait_event FROM pg_stat_activity WHERE usename = 'assistant' AND state = 'active'")
    if waits != "ClientWrite":
        raise DemoError(f"the server waits for '{waits}' while the client reads slowly")
    rows.append(row(f"a client that takes {received / 5e6:.1f} MB/s of it: resident at the most",
                    memory_kib(sidecar, "VmHWM") / 1024, None, None, MEMORY_TARGET, "MiB"))
    client.socket.close()
    return rows


def measure(stack, arguments):
    stack.start_all()
    stack.owner_sql(TABLE.replace("{rows}", str(arguments.rows)))
    stack.owner_sql("VACUUM ANALYZE shop.people")
    stack.start_pgbouncer()
    # A DataRow has 7 bytes in front and 4 a value.
    size = int(stack.owner_sql(
        "SELECT sum(35 + length(id::text || name || email || ssn || card || city || coalesce(note, ''))) FROM shop.people"))
    return measure_time(stack, arguments.rounds, size) + measure_memory(stack)


if __name__ == "__main__":
    sys.exit(main(__doc__, BulkStack, measure, rounds=7, rows=200_000))
