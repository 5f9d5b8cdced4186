# SPDX-License-Identifier: Apache-2.0
"""Many readers of one web server at once, each on a connection of its own that it keeps: how long first bytes take."""
import random
import re
import selectors
import socket
import time


class Reader:
    def __init__(self, port, address, cookies, addresses):
        self.socket = socket.create_connection(("127.0.0.1", port), source_address=(address, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.cookies = "; ".join(f"{k}={v}" for k, v in cookies.items())
        self.ahead, self.got, self.first = list(addresses), b"", None

    def ask(self):
        """False: it has read all."""
        if not self.ahead:
            return False
        self.address, self.got, self.first = self.ahead.pop(), b"", None
        self.asked = time.monotonic()
        self.socket.sendall(f"GET {self.address} HTTP/1.1\r\nHost: localhost\r\nCookie: {self.cookies}\r\n\r\n".encode())
        return True

    def is_over(self):
        head, _, body = self.got.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        return len(body) >= int(length[1]) if length else body.endswith(b"0\r\n\r\n")

    def read(self):
        """True: the answer is whole."""
        part = self.socket.recv(1 << 18)
        if self.first is None:
            self.first = time.monotonic() - self.asked
        self.got += part
        if not part or not self.got.startswith(b"HTTP/1.1 200 "):
            raise SystemExit(f"error: {self.address} was answered by {self.got[:80]}")
        return self.is_over()


def read_all(port, who, addresses, rounds):
    """{address: [ms until the first byte]}, and the seconds that all of it took. `who`: address and cookies of each reader."""
    chosen, times, start = selectors.DefaultSelector(), {}, time.monotonic()
    for i, (address, cookies) in enumerate(who):
        order = addresses * rounds
        random.Random(i).shuffle(order)
        reader = Reader(port, address, cookies, order)
        if reader.ask():
            chosen.register(reader.socket, selectors.EVENT_READ, reader)
    while chosen.get_map():
        for key, _ in chosen.select():
            reader = key.data
            if not reader.read():
                continue
            times.setdefault(reader.address, []).append(reader.first * 1000)
            if not reader.ask():
                chosen.unregister(reader.socket)
                reader.socket.close()
    return times, time.monotonic() - start
