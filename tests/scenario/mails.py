"""mails - messages to send, and the eyes of a recipient: what is stored, what
gpg makes of it."""

import email
import email.policy
import re
from dataclasses import dataclass, field

from world.procs import run
from world.world import address_of

SECRET = "The treasure lies below the old oak"
HEADERS = ("From: {sender}\r\nTo: {to}\r\nSubject: {subject}\r\n"
           "Date: Mon, 23 Nov 2026 20:00:00 +0000\r\n"
           "Message-ID: <{ident}@example.org>\r\n{more}\r\n")
COUNT = iter(range(1, 1 << 30))


def mail(sender="Alice <alice@example.org>", to="Bob <bob@example.org>",
         subject="About the treasure", body=SECRET + "\r\n", more=""):
    """A message as a client would hand it over (CRLF, a Message-ID of its own)."""
    head = HEADERS.format(sender=sender, to=to, subject=subject, more=more,
                          ident=f"m{next(COUNT)}").encode()
    return head + (body if isinstance(body, bytes) else body.encode())


def body_of(data):
    """What follows the first empty line, with line ends made LF."""
    return data.replace(b"\r\n", b"\n").partition(b"\n\n")[2]


def head_of(data):
    return data.replace(b"\r\n", b"\n").partition(b"\n\n")[0]


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.default.clone(
        raise_on_defect=False))


def key_ids(armored):
    """The key ids an encrypted message names, in order."""
    listed = run("gpg", "--homedir", "/nonexistent", "--no-default-keyring",
                 "--no-options", "--batch", "--list-only", "--list-packets",
                 "--pinentry-mode", "cancel", data=armored, check=False)
    return re.findall(r":pubkey enc packet:.*?keyid ([0-9A-F]{16})",
                      listed.out + listed.err)


@dataclass
class Opened:
    stored: bytes
    outer: object			# the stored message, parsed
    encrypted: bool
    ids: list = field(default_factory=list)
    inner: bytes = b""			# the plaintext, or the stored message
    signer: str = ""			# fingerprint of a good signature
    status: list = field(default_factory=list)

    @property
    def message(self):
        return parse(self.inner)

    @property
    def body(self):
        return body_of(self.inner)

    def text(self):
        """The decoded text of a one-part message."""
        return self.message.get_payload(decode=True).replace(b"\r\n", b"\n")


def armor_of(stored):
    """The OpenPGP block of a PGP/MIME message by RFC 3156, or None."""
    outer = parse(stored)
    if outer.get_content_type() != "multipart/encrypted":
        return None
    parts = list(outer.iter_parts())
    if (outer.get_param("protocol") != "application/pgp-encrypted"
            or len(parts) != 2
            or parts[0].get_content_type() != "application/pgp-encrypted"
            or parts[0].get_payload(decode=True).strip() != b"Version: 1"
            or parts[1].get_content_type() != "application/octet-stream"):
        return None
    return parts[1].get_payload(decode=True)


def opened(world, name, stored, signers=("alice",)):
    """A stored message as `name` reads it with gpg, knowing the keys of
    `signers`."""
    armor = armor_of(stored)
    outer = parse(stored)
    if armor is None:
        return Opened(stored, outer, False, inner=stored)
    home = world.home(name)
    for signer in signers:
        home.load(world.public(signer))
    plain, status = home.decrypt(armor)
    found = Opened(stored, outer, True, key_ids(armor), plain, status=status)
    words = {line.split(" ")[0]: line.split(" ") for line in status}
    if "GOODSIG" in words and "VALIDSIG" in words:
        found.signer = words["VALIDSIG"][1]
    return found


def verified(world, stored, signers=("alice",), name="bob"):
    """The fingerprint behind a good multipart/signed, or ''."""
    outer = parse(stored)
    if outer.get_content_type() != "multipart/signed":
        return ""
    boundary = re.escape(outer.get_boundary().encode())
    text = stored.replace(b"\r\n", b"\n")
    pieces = re.split(rb"\n--" + boundary + rb"(?:--)?\n", text)
    signed = pieces[1].replace(b"\n", b"\r\n")
    signature = pieces[2].partition(b"\n\n")[2]
    home = world.home(name)
    for signer in signers:
        home.load(world.public(signer))
    (home.path / "signature").write_bytes(signature)
    done = home.gpg("--status-fd", "2", "--verify", str(home.path / "signature"),
                    "-", data=signed, check=False)
    good = re.search(r"VALIDSIG ([0-9A-F]{40})", done.err)
    return good[1] if good and "GOODSIG" in done.err else ""


def fingerprint(world, name):
    from world.gnupg import PEOPLE
    return world.home(name).fingerprint(PEOPLE[name])


def encryption_id(world, name):
    """The key id that mail to `name` is encrypted to."""
    from world.gnupg import PEOPLE
    return world.home(name).key_ids(PEOPLE[name])[-1]


def unique_in(world, name, word):
    """How many stored messages of `name` hold `word` once opened."""
    return sum(word.encode() in opened(world, name, stored).inner
               for stored in world.store.mails(address_of(name)))
