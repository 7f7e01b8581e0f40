"""gnupg - GnuPG homes of people and of the gateway. Keys are made once in a
run (LETTERLOCK_KEYS names the folder) and copied into each world."""

import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from .procs import run

# Made at first use. The words tell what is wrong with the key, if anything.
PEOPLE = {
    "alice": "Alice <alice@example.org>",
    "bob": "Bob <bob@example.org>",
    "carol": "Carol <carol@partner.example>",
    "dave": "Dave <dave@partner.example>",
    "eve": "Eve <eve@other.example>",
    "expired": "Old <expired@example.org>",
    "revoked": "Gone <revoked@example.org>",
    "signonly": "Sign Only <signonly@example.org>",
}
GPG_CONF = ("no-random-seed-file\nno-auto-check-trustdb\ntrust-model always\n"
            "no-auto-key-locate\ndisable-dirmngr\nbatch\nno-greeting\n")
# Made, and expired, in the year 2020.
PAST = ("--faked-system-time", "20200101T000000!")


class Home:
    """A GnuPG home; its agent is ended by stop()."""

    def __init__(self, path):
        self.path = Path(path)
        if len(str(self.path)) > 85:
            raise RuntimeError(f"{path}: too long for gpg-agent's socket")
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        conf = self.path / "gpg.conf"
        if not conf.exists():
            conf.write_text(GPG_CONF)

    def gpg(self, *args, data=None, check=True):
        return run("gpg", "--homedir", self.path, "--batch", "--quiet", *args,
                   data=data, check=check)

    def make(self, uid, kind="ed25519/cv25519", expire="never", when=()):
        """A new key without passphrase; returns its fingerprint."""
        quick = (*when, "--passphrase", "", "--quick-generate-key", uid)
        if kind == "sign-only":
            self.gpg(*quick, "ed25519", "sign", expire)
        elif kind == "ed25519/cv25519":
            self.gpg(*quick, "ed25519", "sign", expire)
            self.gpg(*when, "--passphrase", "", "--quick-add-key",
                     self.fingerprint(uid), "cv25519", "encr", expire)
        else:
            self.gpg(*quick, kind, "default", expire)
        return self.fingerprint(uid)

    def fingerprint(self, uid):
        """Of the newest key whose user id is exactly `uid`."""
        for line in reversed(self.gpg("--with-colons", "--list-keys",
                                      "=" + uid).out.splitlines()):
            if line.startswith("fpr:"):
                last = line.split(":")[9]
            if line.startswith("pub:"):
                return last
        raise RuntimeError(f"no key for {uid} in {self.path}")

    def key_ids(self, uid):
        """Key ids (16 hex digits) of a key and its subkeys."""
        return [line.split(":")[4] for line in self.gpg(
            "--with-colons", "--list-keys", "=" + uid).out.splitlines()
            if line.startswith(("pub:", "sub:"))]

    def export(self, who, secret=False):
        what = "--export-secret-keys" if secret else "--export"
        return self.gpg("--armor", what, who).stdout

    def load(self, armored):
        self.gpg("--import", data=armored)

    def decrypt(self, data):
        """(plaintext, lines of status) of an encrypted message."""
        done = self.gpg("--status-fd", "2", "--decrypt", data=data, check=False)
        return done.stdout, [line.removeprefix("[GNUPG:] ")
                             for line in done.err.splitlines()
                             if line.startswith("[GNUPG:]")]

    def stop(self):
        run("gpgconf", "--homedir", self.path, "--kill", "all", check=False)


def make_person(home, name):
    uid = PEOPLE[name]
    home.make(uid, "sign-only" if name == "signonly" else "ed25519/cv25519",
              *(("1m", PAST) if name == "expired" else ()))
    if name == "revoked":
        home.gpg("--pinentry-mode", "loopback", "--import", data=revocation(
            home, home.fingerprint(uid)))


def revocation(home, fingerprint):
    """The revocation certificate that gpg made with the key, armed."""
    text = (home.path / "openpgp-revocs.d" / f"{fingerprint}.rev").read_text()
    return text.replace(":-----BEGIN", "-----BEGIN").encode()


def person(name, folder):
    """The exported (public, secret) key of one of PEOPLE, made when missing.
    `folder` is where a run keeps them: LETTERLOCK_KEYS, if it is set."""
    folder = Path(os.environ.get("LETTERLOCK_KEYS", folder))
    folder.mkdir(mode=0o700, exist_ok=True)
    with open(folder / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        secret = folder / f"{name}.sec"
        public = folder / f"{name}.pub"
        if not public.exists():
            home = Home(tempfile.mkdtemp(prefix="llk-", dir="/tmp"))
            try:
                make_person(home, name)
                secret.write_bytes(home.export(PEOPLE[name], secret=True))
                public.write_bytes(home.export(PEOPLE[name]))
            finally:
                home.stop()
                shutil.rmtree(home.path, ignore_errors=True)
    return public.read_bytes(), secret.read_bytes()
