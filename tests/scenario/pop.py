"""pop - a POP3 client that hides nothing (poplib limits lines)."""

import socket
import ssl

import harness  # noqa: F401  (knows where the world is)
from world.procs import PATIENCE


class Closed(Exception):
    """The server ended the connection."""


class Pop:
    def __init__(self, address, port, tls="none", ca=None, timeout=PATIENCE, greet=True):
        self.sock = socket.create_connection((address, port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.ca = ca
        if tls == "implicit":
            self.shake()
        self.greeting = self.line() if greet else b""
        if tls == "stls":
            self.good("STLS")
            self.shake()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def shake(self):
        context = ssl.create_default_context(cafile=self.ca)
        context.check_hostname = False
        self.sock = context.wrap_socket(self.sock)

    def fill(self):
        data = self.sock.recv(1 << 16)
        if not data:
            raise Closed(f"closed; {self.buffer[-200:]!r}")
        self.buffer += data

    def line(self):
        while b"\r\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\r\n")
        return line

    def send(self, text):
        self.sock.sendall(text.encode() + b"\r\n")

    def cmd(self, text):
        self.send(text)
        return self.line().decode("latin-1")

    def good(self, text):
        line = self.cmd(text)
        if not line.startswith("+OK"):
            raise RuntimeError(f"{text}: {line}")
        return line

    def many(self, text):
        """The lines behind +OK, without their dots, as bytes."""
        self.good(text)
        return self.rest()

    def rest(self):
        """The same, where +OK was read."""
        at = 0
        while True:
            if self.buffer.startswith(b".\r\n"):
                end = -2
                break
            end = self.buffer.find(b"\r\n.\r\n", max(0, at - 5))
            if end >= 0:
                break
            at = len(self.buffer)
            self.fill()
        data, self.buffer = self.buffer[:end + 2], self.buffer[end + 5:]
        return (b"\r\n" + data).replace(b"\r\n.", b"\r\n")[2:]

    def login(self, user, password):
        line = self.cmd(f"USER {user}")
        return self.cmd(f"PASS {password}") if line.startswith("+OK") else line

    def sizes(self):
        return {int(line.split()[0]): int(line.split()[1])
                for line in self.many("LIST").splitlines()}

    def uidl(self):
        return {int(line.split()[0]): line.split()[1]
                for line in self.many("UIDL").splitlines()}

    def close(self):
        self.sock.close()
