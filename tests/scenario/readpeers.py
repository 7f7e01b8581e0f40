"""readpeers - IMAP and POP3 servers that do what their script says: what no real
provider does. As peers.py, for the two protocols of reading.

A script maps a step to what is said (`{tag}` stands for the tag; bytes as they
are), CLOSE, or HANG. Steps: greeting, a verb (CAPABILITY, STARTTLS, LOGIN, ...),
verb-tls for the same inside TLS, handshake."""

from peers import CLOSE, HANG, Over, Upstream


class ReadPeer(Upstream):
    def do(self, session, step, default, tag=""):
        """Says what the script has for `step`; True when that was the default."""
        secure = f"{step}-tls"
        action = self.action(secure if session.secure and secure in self.script else step)
        if action is HANG:
            self.over.wait()
            raise Over
        if action is CLOSE:
            raise Over
        said = default if action is None else action
        if isinstance(said, str):
            said = said.replace("{tag}", tag).encode("latin-1") + b"\r\n"
        if said:
            session.say(said)
        return action is None

    def said(self):
        return [line for session in self.sessions for line, _ in session.commands]

    def upgrade(self, session):
        if self.context:
            self.do(session, "handshake", b"")
            session.shake()


class ImapPeer(ReadPeer):
    """One user, one empty mailbox."""

    BEFORE = "IMAP4rev1 LITERAL+ ID{starttls} AUTH=PLAIN"
    AFTER = "IMAP4rev1 LITERAL+ ID IDLE UIDPLUS MOVE"

    def capability(self, session):
        if "capability" in self.script:
            return self.script["capability"]
        words = self.AFTER if session.login else self.BEFORE
        return words.replace("{starttls}", " STARTTLS" if self.tls == "starttls"
                             and not session.secure else "")

    def serve(self, sock):
        from peers import Session
        session = Session(self, sock)
        with self.lock:
            self.sessions.append(session)
        try:
            if self.tls == "implicit":
                session.shake()
            self.do(session, "greeting", f"* OK [CAPABILITY {self.capability(session)}] ready")
            while self.command(session, session.line()):
                pass
        except Over:
            pass
        finally:
            session.sock.close()

    def command(self, session, line):
        tag, _, rest = line.partition(" ")
        verb = rest.partition(" ")[0].upper()
        if verb == "CAPABILITY":
            self.do(session, verb, f"* CAPABILITY {self.capability(session)}\r\n{{tag}} OK done", tag)
        elif verb == "STARTTLS":
            if self.do(session, verb, "{tag} OK go on", tag) or self.script.get("goes-on"):
                self.upgrade(session)
        elif verb in ("LOGIN", "AUTHENTICATE"):
            if verb == "AUTHENTICATE" and len(rest.split(" ")) < 3:
                session.say("+ ")
                session.line()
            session.login = self.do(session, verb, "{tag} OK welcome", tag)
        elif verb in ("SELECT", "EXAMINE"):
            self.do(session, verb, "* FLAGS (\\Seen)\r\n* 0 EXISTS\r\n* 0 RECENT\r\n"
                    "* OK [UIDVALIDITY 1] x\r\n* OK [UIDNEXT 1] x\r\n{tag} OK [READ-WRITE] done", tag)
        elif verb == "LOGOUT":
            self.do(session, verb, "* BYE so long\r\n{tag} OK done", tag)
            return False
        elif verb == "ID":
            self.do(session, verb, "* ID NIL\r\n{tag} OK done", tag)
        else:
            self.do(session, verb, "{tag} OK done", tag)
        return True


class PopPeer(ReadPeer):
    """One user, no message."""

    def capabilities(self, session):
        words = ["TOP", "UIDL", "USER", "PIPELINING", "SASL PLAIN", "RESP-CODES"]
        if self.tls == "starttls" and not session.secure:
            words.append("STLS")
        return "\r\n".join(["+OK", *words, "."])

    def serve(self, sock):
        from peers import Session
        session = Session(self, sock)
        with self.lock:
            self.sessions.append(session)
        try:
            if self.tls == "implicit":
                session.shake()
            self.do(session, "greeting", "+OK ready")
            while self.command(session, session.line()):
                pass
        except Over:
            pass
        finally:
            session.sock.close()

    def command(self, session, line):
        verb = line.partition(" ")[0].upper()
        if verb == "CAPA":
            self.do(session, verb, self.capabilities(session))
        elif verb == "STLS":
            if self.do(session, verb, "+OK go on") or self.script.get("goes-on"):
                self.upgrade(session)
        elif verb == "AUTH":
            if len(line.split(" ")) < 3:
                session.say("+ ")
                session.line()
            session.login = self.do(session, verb, "+OK welcome")
        elif verb == "STAT":
            self.do(session, verb, "+OK 0 0")
        elif verb in ("LIST", "UIDL"):
            self.do(session, verb, "+OK\r\n.")
        elif verb == "QUIT":
            self.do(session, verb, "+OK bye")
            return False
        else:
            self.do(session, verb, "+OK")
        return True
