# SPDX-License-Identifier: Apache-2.0
"""Starts console-web on a store of the tests; requests by hand, so that every byte is ours."""
import http.client
import os
import re
import socket
import subprocess
import urllib.parse

from store_double import Store

STORE_FD, LISTEN_FD = 3, 4


class Web:
    def __init__(self, binary, office, language="", proxied="", host="", environment=None, rate=None):
        self.office = office
        self.store = Store(office.answer)
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(4096)
        self.port = listener.getsockname()[1]
        ends = [self.store.web_end.fileno(), listener.fileno()]

        def place():
            # through high numbers: the ends may themselves be 3 and 4
            high = [os.dup2(fd, 100 + i) for i, fd in enumerate(ends)]
            for fd, to in zip(high, (STORE_FD, LISTEN_FD)):
                os.dup2(fd, to, inheritable=True)

        self.process = subprocess.Popen([binary, "例示市役所", language, host, proxied, *([rate] if rate else [])], preexec_fn=place,
                                        pass_fds=(STORE_FD, LISTEN_FD), stderr=subprocess.PIPE,
                                        env=dict(os.environ, TZ="Asia/Tokyo", **(environment or {})))
        self.store.web_end.close()
        listener.close()
        self.store.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.store.end.close()
        self.process.kill()
        self.process.wait()
        self.process.stderr.close()

    def ask(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        if isinstance(body, dict):
            body = urllib.parse.urlencode(body)
            headers.setdefault("Content_Type", "application/x-www-form-urlencoded")
        connection.putrequest(method, path, skip_host="Host" in headers)
        for name, value in headers.items():
            connection.putheader(name.replace("_", "-"), value)
        if body is not None:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders()
        if body is not None:
            connection.send(body.encode() if isinstance(body, str) else body)
        answer = connection.getresponse()
        answer.text = answer.read().decode()
        answer.cookies = dict(c.split(";")[0].split("=", 1) for c in answer.headers.get_all("Set-Cookie") or [])
        connection.close()
        return answer

    def get(self, path, session=None, **headers):
        if session:
            headers["Cookie"] = f"mediagate={session}"
        return self.ask("GET", path, **headers)

    def sign_in(self, login="auditor1", password=None, cookie=""):
        """Through the form, as a browser does: the session's token, or None."""
        page = self.get("/sign-in", Cookie=cookie) if cookie else self.get("/sign-in")
        before = page.cookies.get("mediagate-before", "")
        csrf = re.search(r'name="csrf" value="(\w+)"', page.text)[1]
        answer = self.ask("POST", "/sign-in",
                          {"csrf": csrf, "login": login, "password": password or self.office.password, "next": "/"},
                          Cookie=f"mediagate-before={before}" + (f"; {cookie}" if cookie else ""))
        return answer.cookies.get("mediagate"), answer
