# SPDX-License-Identifier: Apache-2.0
"""The console's programs and a browser that only speaks HTTP, for the tests that run them as installed: argument BUILD."""
import http.client
import os
import pathlib
import re
import subprocess
import sys
import urllib.parse

BIN = pathlib.Path(sys.argv[1]) / "bin"
PASSWORD = "a long enough password"
failed = []


def ok(claim: str, good: bool, seen: object = "") -> None:
    print(("ok " if good else "not ok ") + claim, "" if good else f"\n    {seen}", flush=True)
    if not good:
        failed.append(claim)


def make_ledger(work: pathlib.Path, seed: int) -> pathlib.Path:
    """The folder of a year."""
    made = subprocess.run([BIN / "ledger_make", work, str(seed), "300"], text=True, capture_output=True, check=True, timeout=120)
    return next((pathlib.Path(made.stdout.strip()) / "ledger").glob("*/*/checkpoint")).parent


class Console:
    def __init__(self, data: pathlib.Path) -> None:
        self.data = data
        self.common = ["--no-config", "--libexec", str(BIN), "--data", str(data)]
        if os.geteuid() == 0:
            self.common += ["--user", "root"]

    def run_import(self, *folders: pathlib.Path) -> subprocess.CompletedProcess:
        return subprocess.run([BIN / "mediagate-console", "import", *self.common, *map(str, folders)], text=True,
                              capture_output=True, timeout=120, env={**os.environ, "LC_ALL": "C"})

    def serve(self) -> subprocess.Popen:
        return subprocess.Popen([BIN / "mediagate-console", "serve", *self.common, "--port", "0"], text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env={**os.environ, "LC_ALL": "C"})


class Browser:
    def __init__(self, port: int, address: str = "127.0.0.1") -> None:
        self.port, self.address = port, address
        self.cookies: dict[str, str] = {}

    def ask(self, method: str, path: str, fields: dict | None = None) -> tuple[int, str, dict]:
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60, source_address=(self.address, 0))
        headers = {"Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} if self.cookies else {}
        body = None
        if fields is not None:
            body = urllib.parse.urlencode(fields)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://127.0.0.1:{self.port}"}
        c.request(method, path, body, headers)
        r = c.getresponse()
        for h in r.headers.get_all("Set-Cookie") or []:
            name, value = h.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return r.status, r.read().decode(), dict(r.headers)

    def post(self, page: str, path: str, **fields: str) -> tuple[int, str, dict]:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        return self.ask("POST", path, hidden | fields)
