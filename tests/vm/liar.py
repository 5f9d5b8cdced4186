# SPDX-License-Identifier: Apache-2.0
"""A disk that says more than it has, for QEMU to plug in: a network block device (NBD, fixed newstyle) on a unix
socket, whose real size is another than the one it tells. What goes beyond is dropped, or falls back onto the beginning."""
import os, socket, struct, threading

ACK, INFO, UNSUPPORTED = 1, 3, 1 << 31 | 1  # replies to options
ABORT, ASK, GO = 2, 6, 7  # options
READ, WRITE, DISCONNECT, FLUSH = range(4)


class Liar:
    """`image` stays what is really there: so much of it as `real` bytes."""

    def __init__(self, image, says, real, wraps):
        self.says, self.real, self.wraps = says, real, wraps
        self.disk = os.open(image, os.O_RDWR)
        self.path = f"{image}.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path)
        self.listener.listen()
        self.written = 0
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self):
        self.listener.close()
        os.close(self.disk)
        os.unlink(self.path)

    def _pieces(self, at, n):
        """(where in the image or None, how many bytes): in whole sectors."""
        for sector in range(at, at + n, 512):
            place = sector % self.real if self.wraps else sector
            yield place if place < self.real else None, min(512, at + n - sector)

    def _read(self, at, n):
        return b"".join(bytes(k) if p is None else os.pread(self.disk, k, p) for p, k in self._pieces(at, n))

    def _write(self, at, data):
        self.written += len(data)
        done = 0
        for place, k in self._pieces(at, len(data)):
            if place is not None:
                os.pwrite(self.disk, data[done:done + k], place)
            done += k

    def _serve(self):
        while True:
            try:
                c, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._client, args=(c.makefile("rwb"),), daemon=True).start()

    def _client(self, f):
        try:
            if self._agree(f):
                while self._answer(f):
                    pass
        except (OSError, struct.error):
            pass  # the other end has gone

    def _say(self, f, data):
        f.write(data)
        f.flush()

    def _agree(self, f):
        self._say(f, b"NBDMAGICIHAVEOPT" + struct.pack(">H", 3))
        f.read(4)
        while True:
            _, option, n = struct.unpack(">8sII", f.read(16))
            f.read(n)
            reply = lambda kind, data=b"": self._say(f, struct.pack(">QIII", 0x3e889045565a9, option, kind, len(data)) + data)
            if option in (ASK, GO):
                reply(INFO, struct.pack(">HQH", 0, self.says, 1 | 4))
                reply(ACK)
            else:
                reply(ACK if option == ABORT else UNSUPPORTED)
            if option in (GO, ABORT):
                return option == GO

    def _answer(self, f):
        _, _, kind, cookie, at, n = struct.unpack(">IHHQQI", f.read(28))
        if kind == DISCONNECT:
            return False
        data = self._read(at, n) if kind == READ else b""
        if kind == WRITE:
            self._write(at, f.read(n))
        self._say(f, struct.pack(">IIQ", 0x67446698, 0, cookie) + data)
        return True
