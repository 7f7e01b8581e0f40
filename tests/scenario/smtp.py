"""smtp - a small SMTP client that says exactly the bytes it is told to, and
keeps every word of the answers. Sentences of the wire stay visible here,
which smtplib would hide."""

import base64
import socket
import ssl
from dataclasses import dataclass, field

import harness  # noqa: F401  (knows where the world is)
from world.procs import PATIENCE


@dataclass
class Reply:
    code: int
    lines: list = field(default_factory=list)

    def __str__(self):
        return f"{self.code} " + " / ".join(self.lines)

    @property
    def text(self):
        return "\n".join(self.lines)


class Closed(Exception):
    """The other side has closed the connection."""


def client_context(ca=None):
    context = ssl.create_default_context(cafile=ca) if ca else \
        ssl._create_unverified_context()
    context.check_hostname = False
    return context


class Smtp:
    def __init__(self, address, port, timeout=PATIENCE, greet=True, implicit=False,
                 context=None):
        self.context = context or client_context()
        self.sock = socket.create_connection((address, port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        if implicit:
            self.sock = self.context.wrap_socket(self.sock)
        self.greeting = self.reply() if greet else None

    def raw(self, data):
        self.sock.sendall(data)

    def line(self):
        while b"\n" not in self.buffer:
            try:
                data = self.sock.recv(65536)
            except (ConnectionError, ssl.SSLError) as e:
                raise Closed(f"{e} after {self.buffer!r}") from e
            if not data:
                raise Closed(f"after {self.buffer!r}")
            self.buffer += data
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r").decode("utf-8", "surrogateescape")

    def reply(self):
        lines = []
        while True:
            line = self.line()
            lines.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]) if line[:3].isdigit() else -1,
                             lines)

    def say(self, text):
        """One command; returns its reply."""
        data = text if isinstance(text, bytes) else \
            text.encode("utf-8", "surrogateescape")
        self.raw(data + b"\r\n")
        return self.reply()

    def ehlo(self, name="client.example.org"):
        self.features = self.say("EHLO " + name)
        return self.features

    def starttls(self):
        reply = self.say("STARTTLS")
        if reply.code == 220:
            self.secure()
        return reply

    def secure(self):
        self.sock = self.context.wrap_socket(self.sock)
        self.buffer = b""

    def plain(self, user, password):
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.say("AUTH PLAIN " + token)

    def content(self, data):
        """DATA and a message: dots are doubled here, line ends left alone."""
        reply = self.say("DATA")
        if reply.code != 354:
            return reply
        self.body(data)
        return self.reply()

    def body(self, data):
        if not data.endswith(b"\r\n"):
            data += b"\r\n"
        if data.startswith(b"."):
            data = b"." + data
        self.raw(data.replace(b"\r\n.", b"\r\n..") + b".\r\n")

    def send(self, sender, recipients, data, mail=""):
        """A whole transaction; the first reply that is not 2xx, or the last."""
        reply = self.say(f"MAIL FROM:<{sender}>{mail}")
        if reply.code != 250:
            return reply
        for to in recipients:
            reply = self.say(f"RCPT TO:<{to}>")
            if reply.code != 250:
                return reply
        return self.content(data)

    def closed(self):
        """True when the other side closes without another word."""
        try:
            return not self.buffer and self.sock.recv(1) == b""
        except (ConnectionError, ssl.SSLError):
            return True
        except TimeoutError:
            return False

    def close(self):
        self.sock.close()

    def quit(self):
        try:
            self.say("QUIT")
        except (OSError, Closed):
            pass
        self.close()


def login(gateway, world, name="alice", **more):
    """A session at the gateway in which `name` is logged in."""
    from world.world import address_of
    client = Smtp(gateway.address, more.pop("port", gateway.port), **more)
    client.ehlo()
    reply = client.plain(address_of(name), world.password(name))
    if reply.code != 235:
        raise RuntimeError(f"login: {reply}")
    return client
