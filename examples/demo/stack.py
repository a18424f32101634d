"""The parts of the demo, all real: PostgreSQL, the collector, the sidecar, psql. Standard library only."""
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
ISSUER = "https://login.shop.example"
# The password of the database's user, which only the sidecar has.
SECRET = "known-to-the-sidecar-alone"


class DemoError(Exception):
    """Something that the demo cannot go on without."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(what, condition, seconds=30):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError, ValueError):
            result = condition()
            if result:
                return result
        time.sleep(0.02)
    raise DemoError(f"{what}: not within {seconds} s")


class Stack:
    def __init__(self, say):
        self.say = say
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="stile-demo-"))
        self.folder.chmod(0o755)
        self.processes = {}
        self.programs = self.find_programs()
        self.upstream = free_port()
        self.port = free_port()
        self.pod_port = free_port()
        self.proxy_port = free_port()
        self.tools_port = free_port()
        self.outside = free_port()
        self.ops = free_port()
        self.grpc = free_port()
        self.http = free_port()
        self.data = self.folder / "postgres"

    @staticmethod
    def find_programs():
        folder = ROOT / ".build/release"
        programs = {name: str(folder / name) for name in ("stile", "stile-sidecar", "stile-collector")}
        missing = [path for path in programs.values() if not os.access(path, os.X_OK)]
        if missing:
            raise DemoError(f"{missing[0]} is not built: run `make demo`, which builds it first")
        return programs

    # PostgreSQL

    def postgres_tool(self, name):
        versions = sorted(pathlib.Path("/usr/lib/postgresql").glob("[0-9]*"), key=lambda p: int(p.name))
        if not versions:
            raise DemoError("no PostgreSQL server under /usr/lib/postgresql: run dev/setup")
        return str(versions[-1] / "bin" / name)

    def as_server_user(self, *arguments):
        """PostgreSQL refuses to run as root."""
        command = list(arguments)
        if os.geteuid() == 0:
            command = ["runuser", "-u", "postgres", "--"] + command
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise DemoError(f"{' '.join(arguments)}: {done.stderr.strip()}")

    def start_postgres(self):
        server = self.folder / "server"
        self.say(f"PostgreSQL with 10,000 customers, in {server}")
        server.mkdir()
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            os.chown(server, user.pw_uid, user.pw_gid)
        self.data = server / "data"
        self.as_server_user(self.postgres_tool("initdb"), "-D", str(self.data), "-U", "postgres", "-A", "trust",
                            "-E", "UTF8", "--locale", "C.UTF-8", "--no-sync")
        options = f"-p {self.upstream} -c listen_addresses=127.0.0.1 -c unix_socket_directories={server} -c fsync=off"
        self.as_server_user(self.postgres_tool("pg_ctl"), "-D", str(self.data), "-l", str(server / "log"), "-w", "-s",
                            "-o", options, "start")
        done = subprocess.run(
            ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", str(server), "-p", str(self.upstream), "-U", "postgres",
             "-d", "postgres", "-f", str(HERE / "data.sql")], capture_output=True, text=True)
        if done.returncode:
            raise DemoError(f"loading data.sql: {done.stderr.strip()}")
        hba = ("host all assistant 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 reject\nlocal all all trust\n")
        subprocess.run(["tee", str(self.data / "pg_hba.conf")], input=hba, text=True, stdout=subprocess.DEVNULL,
                       check=True)
        self.as_server_user(self.postgres_tool("pg_ctl"), "-D", str(self.data), "-s", "reload")

    def owner_sql(self, text):
        """What the server itself says, as its owner, past everything."""
        done = subprocess.run(
            ["psql", "-X", "-A", "-t", "-h", str(self.data.parent), "-p", str(self.upstream), "-U", "postgres",
             "-d", "postgres", "-c", text], capture_output=True, text=True, check=True)
        return done.stdout.strip()

    # Stile

    def run_stile(self, *arguments, token=None, check=True):
        environment = dict(os.environ, STILE_COLLECTOR=f"http://127.0.0.1:{self.http}")
        if token:
            environment["STILE_TOKEN"] = token
        done = subprocess.run([self.programs["stile"], *arguments], capture_output=True, text=True, env=environment)
        if check and done.returncode:
            raise DemoError(f"stile {' '.join(arguments)}: {done.stderr.strip() or done.stdout.strip()}")
        return done.stdout

    def token(self, subject, groups, lifetime=3600, audience="support-assistant", actor=None):
        arguments = ["token", "sign", "--key", str(self.folder / "issuer.pem"), "--issuer", ISSUER, "--audience", audience,
                     "--sub", subject, "--groups", ",".join(groups), "--lifetime", str(lifetime)]
        if actor:
            arguments += ["--actor", actor]
        return self.run_stile(*arguments).strip()

    def make_keys(self):
        self.say("a demo key for tokens, a demo CA for the uplink's TLS")
        self.run_stile("token", "key", "--out", str(self.folder / "issuer.pem"), "--jwks", str(self.folder / "jwks.json"))
        certs = str(self.folder / "certs")
        self.run_stile("certs", "init", certs)
        self.run_stile("certs", "issue", certs, "--name", "collector", "--server", "--dns", "localhost", "--ip", "127.0.0.1")
        self.run_stile("certs", "issue", certs, "--name", "sidecar-1")

    def write_credentials(self):
        """What the sidecar logs in with, as files that a policy names."""
        credentials = self.folder / "credentials"
        credentials.mkdir(mode=0o700)
        (credentials / "username").write_text("assistant\n")
        (credentials / "password").write_text(SECRET + "\n")
        return credentials

    def write_policy(self):
        credentials = self.write_credentials()
        self.token_file = self.folder / "pod-token"
        self.write_pod_token(self.token("assistant-7", ["support"]))
        values = {"jwks": self.folder / "jwks.json", "port": self.port, "upstream": self.upstream,
                  "credentials": credentials, "podPort": self.pod_port, "token": self.token_file,
                  "proxyPort": self.proxy_port, "toolsPort": self.tools_port, "outside": self.outside}
        self.policy = self.folder / "policy"
        self.policy.mkdir()
        for file in sorted((HERE / "policy").glob("*.yaml")):
            text = file.read_text()
            for name, value in values.items():
                text = text.replace("{{%s}}" % name, str(value))
            (self.policy / file.name).write_text(text)
        print(self.run_stile("policy", "check", str(self.policy)), end="")

    def write_pod_token(self, token):
        """As a projected volume changes: the new file takes the old one's place at once."""
        new = self.token_file.with_suffix(".new")
        new.write_text(token + "\n")
        new.chmod(0o600)
        new.replace(self.token_file)

    def start_collector(self):
        self.say(f"the collector on its embedded store: http://127.0.0.1:{self.http}")
        certs = self.folder / "certs"
        self.start("collector", self.programs["stile-collector"],
                   "--grpc", f"127.0.0.1:{self.grpc}", "--http", f"127.0.0.1:{self.http}",
                   "--data", str(self.folder / "collector"),
                   "--certificate", str(certs / "collector.pem"), "--key", str(certs / "collector-key.pem"),
                   "--ca", str(certs / "ca.pem"),
                   "--issuer", f"{ISSUER},stile-collector", "--issuer-jwks", str(self.folder / "jwks.json"),
                   "--role", "auditor=auditors", "--role", "approver=security", "--role", "admin=platform")
        self.wait_ready("collector", self.http)

    def start_sidecar(self):
        self.say(f"the sidecar: psql finds it at 127.0.0.1:{self.port}")
        certs = self.folder / "certs"
        self.start("sidecar", self.programs["stile-sidecar"],
                   "--policy", str(self.policy), "--spool", str(self.folder / "spool"), "--ops", f"127.0.0.1:{self.ops}",
                   "--collector", f"127.0.0.1:{self.grpc}", "--collector-ca", str(certs / "ca.pem"),
                   "--certificate", str(certs / "sidecar-1.pem"), "--key", str(certs / "sidecar-1-key.pem"),
                   "--sidecar-id", "sidecar-1", "--namespace", "support", "--workload", "assistant", "--pod", "assistant-7")
        self.wait_ready("sidecar", self.ops)

    def start(self, name, *command):
        log = open(self.folder / f"{name}.log", "ab")
        self.processes[name] = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()

    def wait_ready(self, name, port):
        def ready():
            if self.processes[name].poll() is not None:
                raise DemoError(f"the {name} ended: {self.log(name).strip().splitlines()[-1:]}")
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2) as answer:
                return answer.status == 200
        wait_for(f"the {name} is ready", ready)

    def log(self, name):
        return (self.folder / f"{name}.log").read_text(errors="replace")

    # psql

    def psql_command(self, port):
        return ["psql", "-X", "-h", "127.0.0.1", "-p", str(port), "-U", "assistant", "-d", "postgres", "-P", "pager=off"]

    def psql(self, text, token, port=None, seconds=60):
        """psql as the agent runs it: nothing changed but where it connects. Gives what it printed, both streams."""
        done = subprocess.run(self.psql_command(port or self.port) + ["-c", text], capture_output=True, text=True,
                              env=self.psql_environment(token), timeout=seconds)
        return (done.stdout + done.stderr).rstrip()

    def start_psql(self, text, token, port=None):
        """psql reading statements from a script, its output in a file to watch."""
        out = self.folder / f"psql-{time.monotonic_ns()}.out"
        with open(out, "wb") as file:
            process = subprocess.Popen(self.psql_command(port or self.port), stdin=subprocess.PIPE, stdout=file,
                                       stderr=subprocess.STDOUT, text=True, env=self.psql_environment(token))
        process.stdin.write(text)
        process.stdin.flush()
        return process, out

    @staticmethod
    def psql_environment(token):
        return dict(os.environ, PGPASSWORD=token, PGSSLMODE="prefer", PGCONNECT_TIMEOUT="10", LC_ALL="C.UTF-8")

    def direct(self, text):
        """The same, straight to the database with the credential that only the sidecar has."""
        return self.psql(text, SECRET, port=self.upstream)

    # What is outside

    def start_outside(self):
        """A wiki and some tools that somebody else runs: it writes down what reaches it."""
        self.start("outside", sys.executable, str(HERE / "outside.py"), str(self.outside))
        wait_for("the outside answers", lambda: urllib.request.urlopen(
            f"http://127.0.0.1:{self.outside}/wiki/home", timeout=2).status == 200)

    def curl(self, url, token, *arguments):
        """curl as the agent runs it, its proxy in the environment. Gives the status and the body."""
        proxy = f"http://assistant:{token}@127.0.0.1:{self.proxy_port}"
        environment = dict(os.environ, http_proxy=proxy, https_proxy=proxy, no_proxy="")
        done = subprocess.run(["curl", "-s", "-m", "20", "-w", "\n%{http_code} %{http_connect}", *arguments, url],
                              capture_output=True, text=True, env=environment)
        body, _, status = done.stdout.rpartition("\n")
        code, _, connect = status.partition(" ")
        return connect if code == "000" else code, body

    def call_tool(self, tool, arguments, token):
        """Calls a tool over MCP; gives the answer's message."""
        message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.tools_port}/mcp", data=json.dumps(message).encode(), method="POST",
            headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json",
                     "Accept": "application/json, text/event-stream", "MCP-Protocol-Version": "2025-06-18"})
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            return json.loads(error.read())

    # Evidence

    def records(self, token, **query):
        parameters = "&".join(f"{key}={value}" for key, value in query.items())
        request = urllib.request.Request(f"http://127.0.0.1:{self.http}/v1/records?{parameters}",
                                         headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def close(self, keep=False):
        for process in reversed(self.processes.values()):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                process.kill()
        if (self.data / "postmaster.pid").exists():
            with contextlib.suppress(DemoError):
                self.as_server_user(self.postgres_tool("pg_ctl"), "-D", str(self.data), "-m", "immediate", "-s", "stop")
        if not keep:
            shutil.rmtree(self.folder, ignore_errors=True)


def run(make, work):
    """Makes a stack, does a program's work with it, and ends it whatever happens.

    - work: takes the stack; what it returns is the program's status, 0 when nothing.
    """
    # Whoever ends the program ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    stack = None
    try:
        stack = make()
        return work(stack) or 0
    except (DemoError, OSError) as error:
        print(f"{pathlib.Path(sys.argv[0]).name}: {error}", file=sys.stderr)
        return 1
    finally:
        if stack:
            stack.close()
