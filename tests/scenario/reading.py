"""reading - the provider's Dovecot, a gateway in front of it with a listener for
each way to read, and people who read.

READING=direct lets every reader meet Dovecot itself: what fails then is the
scenario's own fault."""

import os

import harness  # noqa: F401  (knows where the world is)
from imap import Imap
from pop import Pop
from world.net import free_port
from world.world import address_of

DIRECT = os.environ.get("READING") == "direct"
EVERYBODY = ("alice", "bob", "carol")
# listener: (protocol, tls towards the client, upstream)
LISTENERS = {
    "imap": ("imap", "none", "imap"),
    "imap-starttls": ("imap", "starttls", "imap"),
    "imaps": ("imap", "implicit", "imaps"),
    "pop3": ("pop3", "none", "pop3"),
    "pop3-stls": ("pop3", "starttls", "pop3"),
    "pop3s": ("pop3", "implicit", "pop3s"),
}


class Reading:
    def __init__(self, world, keys=EVERYBODY, own=EVERYBODY, conf=None, listeners=LISTENERS,
                 policy="", upstreams=None, start=True):
        self.world = w = world
        if not w.store:
            w.start_store()
        cert = w.ca.issue("localhost", san=f"DNS:localhost,IP:{w.address}")
        self.cert = w.store.cert if DIRECT else cert
        self.host = "imap.provider.test" if DIRECT else "localhost"	# in that certificate
        self.ports = {name: free_port(w.address) for name in listeners}
        made = {"listen submission": None, "upstream provider": None}
        for name, (protocol, tls, upstream) in listeners.items():
            made[f"listen {name}"] = {
                "protocol": protocol, "tls": tls, "upstream": upstream,
                "address": f"{w.address}:{self.ports[name]}",
                "certificate": cert.pem if tls != "none" else None,
                "private-key": cert.key if tls != "none" else None}
        for name in {listener[2] for listener in listeners.values()}:
            at = (upstreams or {}).get(name) or (w.address, getattr(w.store, name))
            made[f"upstream {name}"] = {
                "address": f"{at[0]}:{at[1]}",
                "tls": "implicit" if name in ("imaps", "pop3s") else "starttls",
                "verify": "ca", "ca-file": w.ca.pem, "server-name": "imap.provider.test"}
        for section, words in (conf or {}).items():
            made.setdefault(section, {}).update(words)
        if DIRECT:
            self.gateway = None
            for name in listeners:
                self.ports[name] = getattr(w.store, name.partition("-")[0])
        else:
            self.gateway = w.gateway(upstream=(w.address, 1), conf=made, policy=policy,
                                     keys=keys, own=own, start=start)

    def credentials(self, name):
        return address_of(name), self.world.password(name)

    def open_imap(self, port, name, mailbox, tls="none"):
        c = Imap(self.world.address, port, tls=tls, ca=self.world.ca.pem)
        answer = c.login(*self.credentials(name))
        if answer.status != "OK":
            raise RuntimeError(f"login of {name}: {answer}")
        if mailbox:
            c.selected = c.good(f'SELECT "{mailbox}"')
        return c

    def imap(self, name="bob", mailbox="INBOX", listener="imap"):
        """A session through the gateway, logged in."""
        return self.open_imap(self.ports[listener], name, mailbox,
                              LISTENERS.get(listener, ("", "none"))[1])

    def direct(self, name="bob", mailbox="INBOX"):
        """One past it: what is really there."""
        return self.open_imap(self.world.store.imap, name, mailbox)

    def open_pop(self, port, name, tls="none"):
        c = Pop(self.world.address, port, tls="stls" if tls == "starttls" else tls,
                ca=self.world.ca.pem)
        line = c.login(*self.credentials(name))
        if not line.startswith("+OK"):
            raise RuntimeError(f"login of {name}: {line}")
        return c

    def pop(self, name="bob", listener="pop3"):
        return self.open_pop(self.ports[listener], name, LISTENERS[listener][1])

    def pop_direct(self, name="bob"):
        return self.open_pop(self.world.store.pop3, name)

    def deliver(self, name, *messages, mailbox="INBOX"):
        """Stores messages past the gateway, as they are."""
        with self.direct(name, mailbox=None) as c:
            if mailbox != "INBOX":
                c.cmd(f'CREATE "{mailbox}"')
            for data in messages:
                answer = c.append(mailbox, data)
                if answer.status != "OK":
                    raise RuntimeError(f"APPEND: {answer}")
