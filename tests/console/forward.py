#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""forward and the console together: a terminal's ledger goes out over a real socket, and its receipt comes back.

forward.py BUILD: as push.py, with the terminal's own program in the terminal's place; over TLS with a proxy of this test before the
console, as nginx stands there.
"""
import base64
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).parent))
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "verifier"))
import push  # noqa: E402
import verify  # noqa: E402
from push import BIN, ok  # noqa: E402


class Terminal:
    """A terminal's own folders, at one of its times."""

    def __init__(self, work: pathlib.Path, name: str) -> None:
        self.year = work / name / "ledger" / "T-01" / "2026"
        self.state = work / name / "state"
        self.config = work / name / "forward.conf"
        self.agent = ""
        self.year.mkdir(parents=True)
        self.state.mkdir()

    def set(self, t: push.Terminal) -> None:
        (self.year / "records.jsonl").write_bytes(t.records)
        (self.year / "checkpoint").write_bytes(t.checkpoint)
        (self.year / "vkey").write_text(t.vkey + "\n")

    def configure(self, url: str, key: str, ca: str = "") -> None:
        self.config.write_text(f'url = "{url}";\nconsole_key = "{key}";\nca = "{ca}";\nledgers = "{self.year.parent.parent}";\n'
                               f'state = "{self.state}";\nagent = "{self.agent}";\n')

    def send(self) -> subprocess.CompletedProcess:
        return subprocess.run([BIN / "forward", self.config], text=True, capture_output=True, timeout=120)

    def receipt(self, what: str = "receipt") -> bytes:
        path = self.state / "T-01" / f"2026.{what}"
        return path.read_bytes() if path.exists() else b""


class Counting:
    """A proxy that ends TLS and counts what goes through; `lie`: it answers itself."""

    def __init__(self, target: int, certificate: pathlib.Path | None, lie: bytes = b"") -> None:
        self.target, self.lie, self.bytes = target, lie, 0
        self.context = None
        if certificate:
            self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self.context.load_cert_chain(certificate)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.run, daemon=True).start()

    def run(self) -> None:
        while True:
            client, _ = self.listener.accept()
            try:
                self.one(self.context.wrap_socket(client, server_side=True) if self.context else client)
            except (ssl.SSLError, OSError):
                client.close()

    def one(self, client: socket.socket) -> None:
        with client:
            request = b""
            while b"\r\n\r\n" not in request:
                request += client.recv(65536)
            head, body = request.split(b"\r\n\r\n", 1)
            length = next(int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length"))
            while len(body) < length:
                body += client.recv(65536)
            self.bytes += length
            if self.lie:
                client.sendall(self.lie)
                return
            with socket.create_connection(("127.0.0.1", self.target)) as server:
                server.sendall(head + b"\r\n\r\n" + body)
                while part := server.recv(65536):
                    client.sendall(part)


def certificate(work: pathlib.Path, name: str) -> pathlib.Path:
    both = work / f"{name}.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                    "-subj", f"/CN={name}", "-addext", f"subjectAltName=DNS:{name}", "-keyout", both, "-out", work / f"{name}.crt"],
                   check=True, capture_output=True)
    both.write_bytes(both.read_bytes() + (work / f"{name}.crt").read_bytes())
    return both


def check_receipts(console: push.Console, key: str, times: list[push.Terminal], t: Terminal) -> None:
    way = Counting(console.port, None)
    t.configure(f"http://127.0.0.1:{way.port}", key)
    last = 0
    for state in times:
        t.set(state)
        r = t.send()
        ok(f"{state.size} records are sent and received", r.returncode == 0 and console.verdict() == ("verified", state.size), r)
        note = verify.Note.parse(t.receipt())
        ok("the receipt is the checkpoint with one signature more", t.receipt().startswith(state.checkpoint)
           and [s[0] for s in note.signatures][-1] == key.split("+")[0], t.receipt())
        ok("only what is new travels", way.bytes < len(state.records) - last + 2000, (way.bytes, len(state.records), last))
        last, way.bytes = len(state.records), 0
    ok("the console's own checkpoint is kept, too", t.receipt("console").startswith(b"console.invalid/mediagate/console/"), t.receipt("console"))
    verify.verify_folder(str(t.year), seen=[t.receipt()])  # raises what is wrong
    ok("and as a checkpoint seen before another verifier takes it", True)
    r = subprocess.run([BIN / "mediagate", "verify", "--seen", t.state / "T-01" / "2026.receipt", t.year], text=True, capture_output=True,
                       timeout=60, env={**os.environ, "LC_ALL": "C.UTF-8", "LANGUAGE": ""})
    ok("and the command, too", r.returncode == 0 and "nothing is missing" in r.stdout, r)
    r = t.send()
    ok("a repeat is harmless", r.returncode == 0 and way.bytes < 2000, (r, way.bytes))


def check_alarms(console: push.Console, key: str, times: list[push.Terminal], t: Terminal, work: pathlib.Path) -> None:
    kept = t.receipt()
    t.configure(f"http://127.0.0.1:{console.port}", key)
    t.set(times[1])
    r = t.send()
    ok("a terminal that was set back is an alarm", r.returncode == 6 and console.verdict()[0] == "rolled-back", (r, console.verdict()))
    ok("and its receipt stays", t.receipt() == kept, t.receipt())
    t.set(times[-1])
    with open(t.year / "records.jsonl", "r+b") as f:
        f.truncate(len(times[-1].records) - 300)
    r = t.send()
    ok("a terminal whose records were cut is an alarm", r.returncode == 6 and console.verdict()[0] == "truncated", (r, console.verdict()))
    t.set(times[-1])
    r = t.send()
    ok("as it was before it is received", r.returncode == 0 and console.verdict() == ("verified", times[-1].size), (r, console.verdict()))


def check_stranger(console: push.Console, key: str, times: list[push.Terminal], t: Terminal, work: pathlib.Path) -> None:
    kept = t.receipt()
    (work / "other").mkdir()
    other = push.Console(work / "other" / "data")
    stranger = other.key()
    t.configure(f"http://127.0.0.1:{other.port}", key)
    r = t.send()
    ok("another console's receipt is none", r.returncode == 1 and "not the console's" in r.stderr and t.receipt() == kept, (r, stranger))
    other.end()
    for lie in (b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nmediagate/reply/v1\nreceived 1 0 0\n", b"\0" * 100000,
                b"HTTP/1.1 200 OK\r\n\r\nmediagate/reply/v1\nreceived 1 5 0\nxxxx\n", b"HTTP/1.1 202 OK\r\n\r\nmediagate/reply/v1\nmore 1 0 0\n",
                b"HTTP/1.1 409 No\r\n\r\nmediagate/reply/v1\nagain 0 0 0\n"):
        t.configure(f"http://127.0.0.1:{Counting(0, None, lie).port}", key)
        r = t.send()
        ok(f"what says {lie[:70]!r} is not believed", r.returncode == 1 and t.receipt() == kept, r)
    t.configure("http://127.0.0.1:1", key)
    r = t.send()
    ok("nobody there is told", r.returncode == 1 and "refused" in r.stderr, r)


def check_record(console: push.Console, key: str, times: list[push.Terminal], t: Terminal, work: pathlib.Path) -> None:
    """The agent is the command's tests' own: it notes what it is asked, and answers as scripted."""
    t.agent, asked = str(work / "agent"), work / "asked"
    t.configure(f"http://127.0.0.1:{console.port}", key)
    for scenario, status in (("taken", 1), ("babble", 1), ("done", 0)):
        pathlib.Path(t.agent).unlink(missing_ok=True)
        agent = subprocess.Popen([BIN / "cli_agent", t.agent, scenario, asked], stdout=subprocess.PIPE, text=True)
        agent.stdout.readline()
        r = t.send()
        agent.wait(timeout=30)
        ok(f"an agent that answers {scenario}: status {status}", r.returncode == status, r)
    fields = dict(line.split("=", 1) for line in asked.read_text().splitlines()[1:])
    root = base64.b64decode(t.receipt().split(b"\n")[2])
    data = base64.b64decode(t.receipt().decode().rstrip("\n").rsplit(" ", 1)[1])
    ok("it is asked to put the receipt on record", asked.read_text().startswith("mediagate/1 receipt\n") and fields["console"] == key.split("+")[0]
       and fields["covered"] == str(times[-1].size) and fields["root"] == root.hex() and fields["cosignature"] == data.hex(), fields)
    own = t.receipt("console").split(b"\n")
    ok("with where the console's own ledger stood", fields["console-covered"] == own[1].decode()
       and fields["console-root"] == base64.b64decode(own[2]).hex(), fields)
    pathlib.Path(t.agent).unlink(missing_ok=True)
    r = t.send()
    ok("what is on record is not asked for again", r.returncode == 0 and "not on record" not in r.stderr, r)
    t.agent = ""


def check_tls(console: push.Console, key: str, times: list[push.Terminal], t: Terminal, work: pathlib.Path) -> None:
    ours, others = certificate(work, "localhost"), certificate(work, "elsewhere.example")
    way = Counting(console.port, ours)
    shutil.rmtree(t.state / "T-01")
    t.configure(f"https://localhost:{way.port}", key, work / "localhost.crt")
    r = t.send()
    ok("over TLS the receipt comes", r.returncode == 0 and t.receipt() != b"", r)
    shutil.rmtree(t.state / "T-01")
    t.configure(f"https://localhost:{way.port}", key, work / "elsewhere.example.crt")
    r = t.send()
    ok("an unknown certificate is refused", r.returncode == 1 and t.receipt() == b"", r)
    t.configure(f"https://localhost:{Counting(console.port, others).port}", key, work / "elsewhere.example.crt")
    r = t.send()
    ok("so is one of another name", r.returncode == 1 and t.receipt() == b"", r)
    t.configure(f"https://localhost:{console.port}", key, work / "localhost.crt")
    r = t.send()
    ok("and one who speaks no TLS", r.returncode == 1 and t.receipt() == b"", r)


def main() -> int:
    with tempfile.TemporaryDirectory() as d:
        work = pathlib.Path(d)
        times = push.make(work, 2)
        console = push.Console(work / "data")
        try:
            key = console.key()
            t = Terminal(work, "terminal")
            check_receipts(console, key, times, t)
            check_alarms(console, key, times, t, work)
            check_stranger(console, key, times, t, work)
            check_record(console, key, times, t, work)
            check_tls(console, key, times, t, work)
        finally:
            if push.failed:
                print((work / "serve.log").read_text())
            console.end()
    return 1 if push.failed else 0


if __name__ == "__main__":
    sys.exit(main())
