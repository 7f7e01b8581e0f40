"""letters - OpenPGP messages as they lie in a mailbox: what Letterlock sealed,
what other people's gpg made, and what attackers made of them."""

import base64

from mails import SECRET, armor_of, fingerprint, mail
from world.gnupg import PEOPLE
from world.world import address_of

RULES = {"both": "encrypt = require\nsign = yes", "encrypted": "encrypt = require",
         "signed": "encrypt = no\nsign = yes"}
INNER = b"Content-Type: text/plain\r\n\r\n" + SECRET.encode() + b"\r\n"
FORGED = (b"X-Letterlock: decrypted; signature=good\r\n"
          b"Authentication-Results: gw.example.org; openpgp=pass\r\n"
          b"Authentication-Results: mx.provider.test; spf=pass\r\n")


def crlf(data):
    return data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")


class Letters:
    def __init__(self, world, people=("alice", "bob", "carol")):
        self.world, self.people = world, people
        self.gateway = world.gateway(upstream=(world.address, 1), keys=people, own=people,
                                     start=False)
        self.made = 0

    def sealed(self, kind="both", to="bob", **more):
        """What alice's gateway sends."""
        gw, sender = self.gateway, address_of("alice")
        gw.policy(f"[rule all]\n{RULES[kind]}\n")
        self.made += 1
        folder = gw.dir / f"out{self.made}"
        folder.mkdir()
        gw.own()
        done = gw.as_user("seal", "--login", sender, "--from", sender, "--to", address_of(to),
                          "-o", folder, data=mail(to=address_of(to), **more))
        if done.returncode:
            raise RuntimeError(f"seal: {done.err}")
        return (folder / "1.eml").read_bytes()

    def gpg(self, *args, data=INNER, name="alice"):
        """What somebody's own gpg makes of `data`, armoured."""
        home = self.world.home(name)
        for other in self.people:
            home.load(self.world.public(other))
        return home.gpg("--armor", "--trust-model", "always", *args, data=data).stdout

    def mime(self, armor, more="", sender="Alice <alice@example.org>", to="bob",
             subject="outer"):
        """PGP/MIME by RFC 3156 around an armour."""
        self.made += 1
        return (f"From: {sender}\r\nTo: {address_of(to)}\r\nSubject: {subject}\r\n"
                f"Date: Mon, 23 Nov 2026 20:00:00 +0000\r\nMessage-ID: <l{self.made}@x.example>\r\n"
                f"{more}MIME-Version: 1.0\r\nContent-Type: multipart/encrypted; boundary=b;\r\n"
                " protocol=\"application/pgp-encrypted\"\r\n\r\n--b\r\n"
                "Content-Type: application/pgp-encrypted\r\n\r\nVersion: 1\r\n\r\n--b\r\n"
                "Content-Type: application/octet-stream\r\n\r\n").encode() \
            + crlf(armor) + b"\r\n--b--\r\n"

    def encrypted(self, *args, to="bob", data=INNER, name="alice", **more):
        """Encrypted with `name`'s gpg; `args` may sign."""
        return self.mime(self.gpg("--encrypt", "--recipient", address_of(to), *args, data=data,
                                  name=name), to=to, **more)

    def table(self):
        """(title, stored, Authentication-Results, X-Letterlock, is the secret shown)"""
        by = f"by \"{PEOPLE['alice']}\" {fingerprint(self.world, 'alice')}, made 2"
        both, signed = self.sealed("both", subject="Inside"), self.sealed("signed")
        stranger = self.world.home("dave")
        stranger.load(self.world.public("bob"))
        unknown = stranger.gpg("--armor", "--trust-model", "always", "--sign", "--encrypt",
                               "--recipient", address_of("bob"), data=INNER).stdout
        head, _, rest = both.partition(b"\r\n\r\n")
        again = b"\r\n".join(b"Message-ID: <again@example.org>" if line.lower().startswith(
            b"message-id:") else line for line in head.split(b"\r\n")) + b"\r\n\r\n" + rest
        lines = both.split(b"\r\n")
        middle = next(i for i, x in enumerate(lines) if x.startswith(b"-----BEGIN PGP")) + 4
        lines[middle] = lines[middle][::-1]
        return [
            ("sealed and signed", both, "openpgp=pass", f"decrypted; signature=good {by}", True),
            ("sealed", self.sealed("encrypted"), "openpgp=none", "decrypted; signature=none", True),
            ("only signed", signed, "openpgp=pass", f"signed; signature=good {by}", True),
            ("by plain gpg", self.encrypted("--sign", "--local-user", address_of("alice")),
             "openpgp=", "decrypted; signature=good", True),
            ("a changed text", signed.replace(SECRET.encode(), SECRET[::-1].encode()),
             "openpgp=fail", "signed; signature=bad", False),
            ("signed by another", self.encrypted("--sign", "--local-user", address_of("carol"),
                                                 name="carol"),
             "openpgp=fail", "decrypted; signature=mismatch", True),
            ("an unknown signer", self.mime(unknown), "openpgp=none",
             "decrypted; signature=unknown key", True),
            ("replayed", again, "openpgp=fail", "decrypted; signature=replayed", True),
            ("for carol", self.encrypted(to="carol"), "openpgp=none", "not decrypted; ", False),
            ("changed ciphertext", b"\r\n".join(lines), "openpgp=none", "not decrypted; ", False),
            ("forged around", FORGED + both, "openpgp=pass", f"decrypted; signature=good {by}",
             True),
            ("inline", mail(body=crlf(self.gpg("--clear-sign", data=SECRET.encode() + b"\n"))),
             "openpgp=none", None, True),
            ("inline, in base64", mail(
                more="Content-Transfer-Encoding: base64\r\n", body=crlf(base64.encodebytes(
                    b"Hello,\n\n" + self.gpg("--clear-sign", data=SECRET.encode() + b"\n")))),
             "openpgp=none", None, False),
            ("S/MIME", mail(more="Content-Type: application/pkcs7-mime; "
                            "smime-type=enveloped-data\r\n", body="MAA=\r\n"),
             "smime=none", "not decrypted; ", False),
        ]

    def packets(self, stored):
        armor = armor_of(stored).replace(b"\r", b"").partition(b"\n\n")[2].split(b"\n")
        return base64.b64decode(b"".join(x for x in armor if x[:1] not in (b"=", b"-")))

    def encrypted_again(self, stored, name):
        """The packets of `stored` in an encryption to `name`; gpg opens both."""
        return self.encrypted("--no-literal", "--compress-level", "0", to=name,
                              data=self.packets(stored))

    def fake_session_key(self, stored, name):
        """`stored` with a packet that claims a session key for `name` is in it."""
        raw = self.packets(stored)
        own = bytes.fromhex(self.world.home(name).key_ids(PEOPLE[name])[-1])
        fake = raw[:3] + own + raw[11:2 + raw[1]]
        body = base64.encodebytes(fake + raw).replace(b"\n", b"\r\n")
        return self.mime(b"-----BEGIN PGP MESSAGE-----\r\n\r\n" + body
                         + b"-----END PGP MESSAGE-----\r\n")
