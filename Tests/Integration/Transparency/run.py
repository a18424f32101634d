#!/usr/bin/env python3
"""Starts a server, and a sidecar before it whose policy allows and vouches for everything, and runs compare.py.

    run.py [SCRIPT…]

Takes the programs of the release build, like the demo.
"""
import contextlib
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[2] / "examples/demo"))
from stack import ISSUER, SECRET, DemoError, Stack, run  # noqa: E402

POLICY = """
apiVersion: stile.dev/v1
kind: Policy
metadata: {{ name: transparent }}
identity:
  issuers: [{{ url: {issuer}, audience: support-assistant, groupsClaim: groups, jwksFile: {folder}/jwks.json }}]
resources:
  db: {{ protocol: postgres, listen: '127.0.0.1:{port}', upstream: '127.0.0.1:{upstream}', tls: disable,
        credentials: {{ usernameFile: {credentials}/username, passwordFile: {credentials}/password }} }}
rules:
  - name: everything
    allow: [session, transaction, describe, {verbs}]
    on: [db]
    vouch: {{ functions: ['*', '*.*'], features: [{features}] }}
"""
VERBS = ("select, insert, update, delete, merge, truncate, call, execute, create, alter, drop, grant, maintain, lock, listen, notify, "
         "other")
FEATURES = ("unknownObject, unknownLineage, serverFiles, secrets, statistics, otherSessions, dynamicCode, largeObjects, "
            "foreignData, relabels")


class TransparentStack(Stack):
    def __init__(self):
        super().__init__(lambda text: print(f"==> {text}", file=sys.stderr, flush=True))

    def write_policy(self):
        credentials = self.write_credentials()
        self.policy = self.folder / "policy"
        self.policy.mkdir()
        (self.policy / "policy.yaml").write_text(POLICY.format(
            issuer=ISSUER, folder=self.folder, credentials=credentials, port=self.port, upstream=self.upstream, verbs=VERBS, features=FEATURES))
        with contextlib.redirect_stdout(sys.stderr):
            print(self.run_stile("policy", "check", str(self.policy)))


def compare(stack):
    stack.make_keys()
    stack.start_postgres()
    stack.owner_sql("ALTER ROLE assistant SUPERUSER")
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(stack.data.parent), "-p",
                           str(stack.upstream), "-U", "postgres", "-d", "postgres", "-f", str(HERE / "setup.sql")])
    if done.returncode:
        raise DemoError("setup.sql failed")
    stack.write_policy()
    stack.start_collector()
    stack.start_sidecar()
    return subprocess.run(
        [sys.executable, str(HERE / "compare.py"), str(stack.upstream), "assistant", SECRET, str(stack.port),
         stack.token("tester", ["support"]), *sys.argv[1:]]).returncode


if __name__ == "__main__":
    sys.exit(run(TransparentStack, compare))
