"""imap - an IMAP client that hides nothing: each answer as the tokens that came,
literals byte for byte."""

import re
import socket
import ssl
from dataclasses import dataclass, field

import harness  # noqa: F401  (knows where the world is)
from world.procs import PATIENCE


class Closed(Exception):
    """The server ended the connection."""


class Atom(bytes):
    """A token that stood there bare (a quoted string or literal is bytes)."""


@dataclass
class Answer:
    status: str		# OK NO BAD BYE
    text: str
    lines: list = field(default_factory=list)	# untagged, as tokens

    def __str__(self):
        return f"{self.status} {self.text}"

    def data(self, word):
        """Untagged answers that are `word` (`* word ...` or `* N word ...`)."""
        word = word.encode().upper()
        return [line for line in self.lines if line[:1] and word in (
            bytes(line[0]).upper() if isinstance(line[0], bytes) else b"",
            bytes(line[1]).upper() if len(line) > 1 and isinstance(line[1], Atom)
            else b"")]

    def fetched(self):
        """{sequence number: {ITEM: value}} of all FETCH answers."""
        found = {}
        for line in self.data("FETCH"):
            words = line[2]
            for i in range(0, len(words), 2):
                found.setdefault(int(line[0]), {})[
                    bytes(words[i]).decode("latin-1").upper()] = words[i + 1]
        return found

    def numbers(self, word="SEARCH"):
        return [int(x) for line in self.data(word) for x in line[1:]]


def parse(data, at=0, end=None):
    """Tokens of `data` (a response with its literals in place); (list, next)."""
    out = []
    while at < len(data):
        c = data[at:at + 1]
        if c == b" ":
            at += 1
        elif c == b"(":
            got, at = parse(data, at + 1, b")")
            out.append(got)
        elif end and c == end:
            return out, at + 1
        elif c == b'"':
            m = re.compile(rb'"((?:[^"\\]|\\.)*)"', re.S).match(data, at)
            if not m:
                raise ValueError(f"open quotes: {data[at:at + 80]!r}")
            out.append(re.sub(rb"\\(.)", rb"\1", m[1], flags=re.S))
            at = m.end()
        elif m := re.compile(rb"~?\{(\d+)\}\r\n").match(data, at):
            out.append(data[m.end():m.end() + int(m[1])])
            at = m.end() + int(m[1])
        else:
            m = re.compile(rb"[^ ()\[\]\"]*(\[[^\]]*\](<\d+>)?)?[^ ()\"]*").match(data, at)
            if m.end() == at:
                raise ValueError(f"no token: {data[at:at + 80]!r}")
            word = m[0]
            out.append(None if word.upper() == b"NIL" else Atom(word))
            at = m.end()
    if end:
        raise ValueError(f"open parenthesis: {data[:200]!r}")
    return out, at


class Imap:
    def __init__(self, address, port, tls="none", ca=None, timeout=PATIENCE, greet=True):
        self.sock = socket.create_connection((address, port), timeout)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.tag = 0
        self.ca = ca
        self.transcript = []
        if tls == "implicit":
            self.shake()
        self.greeting = self.response() if greet else b""
        if tls == "starttls":
            if self.cmd("STARTTLS").status != "OK":
                raise Closed("STARTTLS refused")
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
            raise Closed(f"closed; last: {self.transcript[-3:]!r} {self.buffer[-200:]!r}")
        self.buffer += data

    def response(self):
        """One response with its literals, without the CRLF."""
        at = 0
        while True:
            end = self.buffer.find(b"\r\n", at)
            if end < 0:
                self.fill()
                continue
            m = re.search(rb"\{(\d+)\}$", self.buffer[max(0, end - 24):end])
            if not m:
                break
            at = end + 2 + int(m[1])
            while len(self.buffer) < at:
                self.fill()
        got, self.buffer = self.buffer[:end], self.buffer[end + 2:]
        self.transcript.append(got[:200])
        del self.transcript[:-20]
        return got

    def raw(self, data):
        self.sock.sendall(data)

    def send(self, *pieces):
        """A command: str pieces are said, bytes go as literals. Returns its tag."""
        self.tag += 1
        tag = f"t{self.tag}"
        out = tag.encode() + b" "
        for piece in pieces:
            if isinstance(piece, str):
                out += piece.encode()
            else:
                self.raw(out + b"{%d}\r\n" % len(piece))
                self.early = []
                while not (line := self.response()).startswith(b"+"):
                    if line.startswith(tag.encode() + b" "):
                        self.early.append(line)
                        return tag
                    self.early.append(line)
                out = piece
        self.raw(out + b"\r\n")
        return tag

    early = ()

    def finish(self, tag):
        lines, waiting = [], list(self.early)
        self.early = ()
        while True:
            line = waiting.pop(0) if waiting else self.response()
            if line.startswith(tag.encode() + b" "):
                status, _, text = line.decode("latin-1").partition(" ")[2].partition(" ")
                return Answer(status.upper(), text, lines)
            if line.startswith(b"* "):
                if re.match(rb"\* (OK|NO|BAD|BYE|PREAUTH)\b", line, re.I):
                    lines.append([Atom(line.split(b" ")[1]), line[2:]])
                else:
                    lines.append(parse(line[2:])[0])
            elif line.startswith(b"+"):
                continue
            else:
                raise ValueError(f"not a response: {line[:200]!r}")

    def cmd(self, *pieces):
        return self.finish(self.send(*pieces))

    def good(self, *pieces):
        answer = self.cmd(*pieces)
        if answer.status != "OK":
            raise RuntimeError(f"{str(pieces)[:200]}: {answer}")
        return answer

    def login(self, user, password):
        return self.cmd(f'LOGIN "{user}" "{password}"')

    def fetch(self, which, item, uid=False):
        return self.good(f"{'UID ' if uid else ''}FETCH {which} {item}").fetched()

    def one(self, n, item, name=None):
        """The value of one item of message `n`; no other message's is asked."""
        got = self.fetch(n, item)
        name = (name or item).upper().replace(".PEEK", "")
        for key, value in got.get(n, {}).items():
            if key == name or key == re.sub(r"<(\d+)\.\d+>$", r"<\1>", name):
                return value
        raise KeyError(f"{item} of {n}: {str(got)[:300]}")

    def append(self, mailbox, data, flags=""):
        return self.cmd(f'APPEND "{mailbox}" {flags and "(" + flags + ") "}', data)

    def capabilities(self):
        return {bytes(x).decode().upper()
                for line in self.good("CAPABILITY").data("CAPABILITY") for x in line[1:]}

    def close(self):
        self.sock.close()
