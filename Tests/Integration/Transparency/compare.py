#!/usr/bin/env python3
"""Says the same to a server and to the sidecar before it, and prints every difference in what they answer.

    compare.py DIRECT_PORT USER PASSWORD SIDECAR_PORT TOKEN [SCRIPT…]

The server holds what setup.sql makes. Exits with 1 when anything differs that differences.py does not list.
"""
import sys
import time

import kinds
from differences import is_listed, settled
from scripts import SCRIPTS, STARTS
from wire import Connection

SHOWN = 5


class Side:
    def __init__(self, port, user, password):
        self.port, self.user, self.password = int(port), user, password

    def connect(self, parameters=()):
        connection = Connection(self.port, self.user, self.password, parameters=parameters)
        connection.other = self.connect
        return connection


def show(frame):
    if frame is None:
        return "nothing"
    tag, size, body = frame
    return f"{tag.decode()} {size if size is not None else ''} {body[:400]!r}"


def compare(name, direct, through, has_new_objects=True):
    left, right = settled(direct.frames, has_new_objects), settled(through.frames, has_new_objects)
    count = max(len(left), len(right))
    differing = [n for n in range(count) if left[n:n + 1] != right[n:n + 1]
                 and not is_listed(next(iter(left[n:]), None), next(iter(right[n:]), None))]
    if direct.ended != through.ended:
        print(f"{name}: the connection ended {'directly' if direct.ended else 'through the sidecar'} alone")
        differing = differing or [count]
    for n in differing[:SHOWN]:
        print(f"{name}, message {n} of {count}:\n  direct:  {show(next(iter(left[n:]), None))}\n"
              f"  through: {show(next(iter(right[n:]), None))}")
    if len(differing) > SHOWN:
        print(f"{name}: and {len(differing) - SHOWN} more")
    return count, len(differing)


def both(name, sides, run, parameters=()):
    connections = []
    for side in sides:
        connection = side.connect(parameters)
        try:
            run(connection)
        except TimeoutError:
            print(f"{name}: no answer within the time")
        connections.append(connection)
        connection.end()
    return compare(name, *connections)


def starts(sides):
    total = (0, 0)
    for parameters in STARTS:
        connections = [side.connect(parameters) for side in sides]
        for connection in connections:
            connection.frames = list(connection.greeting)
            connection.end()
        found = compare(f"start with {dict(parameters)}", *connections)
        total = (total[0] + found[0], total[1] + found[1])
    return total


def main():
    direct, through = Side(*sys.argv[1:4]), Side(sys.argv[4], sys.argv[2], sys.argv[5])
    wanted = sys.argv[6:]
    sides = [direct, through]
    messages = differing = 0
    work = {"starts": lambda: starts(sides)}
    for name, run in SCRIPTS.items():
        work[name] = lambda name=name, run=run: both(name, sides, run)
    connection = direct.connect()
    every = kinds.kinds(connection)
    connection.end()

    def types(run):
        def all_of_them(connection):
            for kind in every:
                run(connection, kind)
        return all_of_them

    work["types"] = lambda: both("types", sides, types(kinds.trial))
    work["types_by_copy"] = lambda: both("types_by_copy", sides, types(kinds.round_trip))
    for name, run in work.items():
        if wanted and name not in wanted:
            continue
        started = time.monotonic()
        count, different = run()
        messages += count
        differing += different
        print(f"{name}: {count} messages, {different} differ ({time.monotonic() - started:.1f} s)", flush=True)
    print(f"{len(every)} types, {messages} messages compared, {differing} differ")
    sys.exit(1 if differing else 0)


if __name__ == "__main__":
    main()
