"""world - all of it together, and its end."""

import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

from . import net, procs
from .ca import Authority
from .dovecot import Dovecot
from .gateway import Gateway
from .gnupg import PEOPLE, Home, person
from .postfix import Postfix
from .tap import Tap

SUBMISSION = "smtp.provider.test"
PASSWORD = "{} has a secret 4711"


def address_of(name):
    """alice -> alice@example.org"""
    return PEOPLE[name].partition("<")[2].rstrip(">") if name in PEOPLE else name


class World:
    """Used as `with World() as w`. At its end, also at a signal or an
    exception, nothing of it runs or lies around (unless `keep`)."""

    def __init__(self, keep=False):
        self.keep = keep
        self.dir = None
        self.homes = {}
        self.gateways = []
        self.taps = []
        self.provider = self.store = None
        self.extra_users = {}

    def __enter__(self):
        if os.getuid():
            raise RuntimeError("the world needs root: Postfix and Dovecot do")
        procs.adopt_orphans()
        if threading.current_thread() is threading.main_thread():
            for sign in (signal.SIGTERM, signal.SIGHUP):
                signal.signal(sign, lambda *_: sys.exit(1))
        os.umask(0o022)
        self.dir = Path(tempfile.mkdtemp(prefix="ll-", dir="/tmp"))
        self.dir.chmod(0o755)
        self.address = net.own_address()
        self.ca = Authority(self.dir / "ca")
        return self

    def __exit__(self, *_):
        for tap in self.taps:
            tap.close()
        for gateway in self.gateways:
            gateway.kill()
        procs.end_all()
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)

    def password(self, name):
        return PASSWORD.format(address_of(name).partition("@")[0])

    def make_store(self, san="", **options):
        """The Dovecot, with an account for everybody; returns its certificate."""
        cert = self.ca.issue(SUBMISSION, san="DNS:{name},DNS:imap.provider.test" + san)
        names = [address_of(name) for name in PEOPLE]
        names += ["nokey@example.org", "postmaster@example.org"]
        users = {name: self.password(name) for name in names}
        users.update(self.extra_users)
        self.store = Dovecot(self.dir / "store", self.address, cert, users, **options)
        return cert

    def start_store(self, **options):
        """Only the Dovecot, for those who read (and may call it by its address)."""
        self.make_store(san=f",IP:{self.address}", **options)
        self.store.start()
        return self.store

    def start_provider(self, **options):
        """A Dovecot and a Postfix with an account for everybody."""
        store_options = {key: options.pop(key) for key in ("mechanisms", "more", "san")
                         if key in options}
        cert = self.make_store(**store_options)
        self.provider = Postfix(self.dir / "provider", self.address, cert,
                                self.store, **options)
        self.store.start()
        self.provider.start()
        return self.provider

    def home(self, name):
        """The GnuPG home of a person, with their secret key."""
        if name not in self.homes:
            home = Home(self.dir / f"home-{name}")
            home.load(person(name, self.dir / "keys")[1])
            self.homes[name] = home
        return self.homes[name]

    def public(self, name):
        return person(name, self.dir / "keys")[0]

    def secret(self, name):
        return person(name, self.dir / "keys")[1]

    def tap(self, target):
        tap = Tap(self.address, target)
        self.taps.append(tap)
        return tap

    def gateway(self, upstream=None, conf=None, policy="", keys=("bob",),
                own=("alice",), start=True, ca=None, **more):
        """A Letterlock in front of `upstream` (default: the provider) that
        knows the public `keys` and holds the secret keys of `own`."""
        made = Gateway(self.dir / f"gw{len(self.gateways)}", self.address,
                       upstream or (self.address, self.provider.submission),
                       (ca or self.ca).pem, conf, policy, **more)
        self.gateways.append(made)
        armored = b"".join([self.public(name) for name in keys]
                           + [self.secret(name) for name in own])
        if armored:
            made.load(armored)
        if start:
            made.start()
        return made

    def clear(self):
        """Forgets all mail, also what is on its way."""
        if self.provider:
            self.provider.settle()
        self.store.clear()

    def mails(self, name):
        return self.store.mails(address_of(name))

    def logs(self):
        """The end of each log, for a failure's report."""
        paths = [gateway.log_path for gateway in self.gateways]
        paths += [part.dir / "log" for part in (self.provider, self.store) if part]
        text = ""
        for path in paths:
            if path.exists():
                lines = path.read_text(errors="replace").splitlines()[-40:]
                text += f"--- {path}\n" + "\n".join(lines) + "\n"
        return text
