"""peers - a submission server that does what its script says: the faults that
no real server shows on demand.

A script maps a step to an action, or to a list of actions, one for each time
the step comes (then the default again). Steps: greeting, EHLO (both of them),
EHLO-plain, EHLO-tls, STARTTLS, handshake, AUTH, MAIL, RCPT, DATA, block (a
first piece of the message is here), taken (all of it is), dot (its reply),
RSET, QUIT. Actions: text (the reply,
CRLF is added), bytes (said as they are), CLOSE, RESET, HANG, a Hold, or a
function of (session, line) that gives one of these."""

import socket
import ssl
import struct
import threading

import harness  # noqa: F401  (knows where the world is)
from world.procs import PATIENCE

CLOSE, RESET, HANG = object(), object(), object()
FEATURES = ("PIPELINING", "SIZE 67108864", "8BITMIME", "SMTPUTF8", "DSN",
            "ENHANCEDSTATUSCODES")


class Hold:
    """Stops the peer at a step: wait for `reached`, then call go()."""

    def __init__(self, then=None):
        self.then = then
        self.reached = threading.Event()
        self.released = threading.Event()

    def wait(self, seconds=PATIENCE):
        if not self.reached.wait(seconds):
            raise TimeoutError("the peer was not brought to the step it holds")

    def go(self, then=None):
        if then is not None:
            self.then = then
        self.released.set()


class Over(Exception):
    """This connection has ended."""


def server_context(cert, low=ssl.TLSVersion.TLSv1_2, high=None, ciphers=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if ciphers:
        context.set_ciphers(ciphers)
    context.minimum_version = low
    if high:
        context.maximum_version = high
    context.load_cert_chain(cert.pem, cert.key)
    return context


class Session:
    """One connection, as the peer saw it."""

    def __init__(self, peer, sock):
        self.peer = peer
        self.sock = sock
        self.secure = False
        self.commands = []	# (line, under TLS)
        self.clear = bytearray()	# what arrived before TLS
        self.buffer = b""
        self.login = False
        self.sender, self.recipients = None, []
        self.error = None
        self.resumed = False

    def read(self):
        try:
            data = self.sock.recv(65536)
        except (OSError, ssl.SSLError) as e:
            raise Over from e
        if not data:
            raise Over
        if not self.secure:
            self.clear += data
        self.buffer += data

    def line(self):
        while b"\n" not in self.buffer:
            self.read()
        line, _, self.buffer = self.buffer.partition(b"\n")
        line = line.rstrip(b"\r")
        self.commands.append((line.decode("utf-8", "surrogateescape"), self.secure))
        return self.commands[-1][0]

    def say(self, data):
        if isinstance(data, str):
            data = data.encode("utf-8", "surrogateescape") + b"\r\n"
        try:
            self.sock.sendall(data)
        except (OSError, ssl.SSLError) as e:
            raise Over from e

    def shake(self):
        try:
            self.sock = self.peer.context.wrap_socket(self.sock, server_side=True)
        except (OSError, ssl.SSLError) as e:
            self.error = e
            raise Over from e
        self.secure = True
        self.resumed = self.sock.session_reused
        self.buffer = b""


class Upstream:
    def __init__(self, address, cert=None, tls="starttls", script=None,
                 features=FEATURES, mechanisms="PLAIN LOGIN CRAM-MD5",
                 context=None):
        self.script = {key: list(value) if isinstance(value, list) else value
                       for key, value in (script or {}).items()}
        self.tls = tls
        self.features = list(features)
        self.mechanisms = mechanisms
        self.context = context or (server_context(cert) if cert else None)
        self.sessions = []
        self.messages = []	# (sender, recipients, data) that were answered 250
        self.lock = threading.Lock()
        self.address = address
        self.over = threading.Event()
        self.server = socket.create_server((address, 0), backlog=300)
        self.port = self.server.getsockname()[1]
        self.at = (address, self.port)
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.over.set()
        self.server.close()

    def accept(self):
        while True:
            try:
                sock, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(sock,), daemon=True).start()

    def action(self, step):
        with self.lock:
            found = self.script.get(step)
            if isinstance(found, list):
                return found.pop(0) if found else None
            return found

    def act(self, session, step, default, line="", good=None):
        """Does what the script says at `step`; True when that was the default
        (or a text that begins with 2 or 3, which goes on like it). `good` is
        called before such a reply is said."""
        action = self.action(step)
        if callable(action):
            action = action(session, line)
        if isinstance(action, Hold):
            action.reached.set()
            while not action.released.wait(0.05):
                if self.over.is_set():
                    raise Over
            action = action.then
        if action is HANG:
            self.over.wait()
            raise Over
        if action is RESET:
            session.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0))
            raise Over
        if action is CLOSE:
            raise Over
        said = default if action is None else action
        text = said.decode("latin-1") if isinstance(said, bytes) else said or "2"
        if good and text[:1] in "23":
            good()
        if said is not None:
            session.say(said)
        return text[:1] in "23"

    def serve(self, sock):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        session = Session(self, sock)
        with self.lock:
            self.sessions.append(session)
        try:
            if self.tls == "implicit":
                session.shake()
            self.act(session, "greeting", "220 peer.test ESMTP")
            while self.command(session, session.line()):
                pass
        except Over:
            pass
        finally:
            try:
                session.sock.close()
            except OSError:
                pass

    def command(self, session, line):
        verb = line.split(" ")[0].upper()
        done = getattr(self, "on_" + verb.lower(), None)
        if done:
            return done(session, line)
        self.act(session, verb, "250 2.0.0 Ok" if verb == "NOOP" else
                 "502 5.5.2 Unknown", line)
        return True

    def on_ehlo(self, session, line):
        words = list(self.features)
        if self.tls == "starttls" and not session.secure:
            words.append("STARTTLS")
        if self.mechanisms and (session.secure or self.tls == "none"):
            words.append("AUTH " + self.mechanisms)
        words = ["peer.test", *words]
        reply = "\r\n".join(f"250{'-' if i + 1 < len(words) else ' '}{word}"
                            for i, word in enumerate(words))
        step = "EHLO-tls" if session.secure else "EHLO-plain"
        self.act(session, step if step in self.script else "EHLO", reply, line)
        return True

    def on_helo(self, session, line):
        self.act(session, "HELO", "250 peer.test", line)
        return True

    def on_starttls(self, session, line):
        if self.act(session, "STARTTLS", "220 2.0.0 Go on", line):
            self.act(session, "handshake", None)
            session.shake()
        return True

    def on_auth(self, session, line):
        words = line.split(" ")
        if words[1].upper() == "LOGIN" and "AUTH" not in self.script:
            for prompt in ("VXNlcm5hbWU6", "UGFzc3dvcmQ6")[len(words) - 2:]:
                session.say("334 " + prompt)
                session.line()
        elif len(words) < 3 and "AUTH" not in self.script:
            session.say("334 " + ("PDEuMkBwZWVyPg==" if "CRAM" in line else ""))
            session.line()
        session.login = self.act(session, "AUTH", "235 2.7.0 Welcome", line)
        return True

    def on_mail(self, session, line):
        if self.act(session, "MAIL", "250 2.1.0 Ok", line):
            session.sender = line[line.find("<") + 1:line.find(">")]
            session.recipients = []
        return True

    def on_rcpt(self, session, line):
        if self.act(session, "RCPT", "250 2.1.5 Ok", line):
            session.recipients.append(line[line.find("<") + 1:line.find(">")])
        return True

    def on_data(self, session, line):
        if not self.act(session, "DATA", "354 Go on", line):
            return True
        while not session.buffer:
            session.read()
        self.act(session, "block", None)
        while not (b"\r\n" + session.buffer).count(b"\r\n.\r\n"):
            session.read()
        data, _, session.buffer = (b"\r\n" + session.buffer).partition(b"\r\n.\r\n")
        data = data.replace(b"\r\n..", b"\r\n.")[2:] + b"\r\n"
        self.act(session, "taken", None)
        self.act(session, "dot", "250 2.0.0 Taken", good=lambda: self.messages.append(
            (session.sender, list(session.recipients), data)))
        session.sender, session.recipients = None, []
        return True

    def on_rset(self, session, line):
        self.act(session, "RSET", "250 2.0.0 Ok", line)
        session.sender, session.recipients = None, []
        return True

    def on_quit(self, session, line):
        self.act(session, "QUIT", "221 2.0.0 Bye", line)
        return False

    def said(self):
        """Every command of every session, in order."""
        return [line for session in self.sessions for line, _ in session.commands]

    def clear(self):
        """What arrived outside TLS, all sessions together."""
        return b"".join(bytes(session.clear) for session in self.sessions)
