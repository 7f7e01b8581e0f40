"""demo - what contrib/quickstart shows: one message at each place it passes,
each claim verified on the way. Exit status 1, with the reason, when one does
not hold."""

import argparse
import email
import email.policy
import imaplib
import os
import pwd
import shutil
import signal
import smtplib
import ssl
import subprocess
import sys
import textwrap
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from world.gateway import binary  # noqa: E402
from world.net import free_port  # noqa: E402
from world.procs import PATIENCE, run  # noqa: E402
from world.world import World, address_of  # noqa: E402

ALICE, BOB = address_of("alice"), address_of("bob")
SUBJECT = "Where we meet"
SECRET = "Noon, under the old oak. Come alone."
MESSAGE = (f"From: Alice <{ALICE}>\r\nTo: Bob <{BOB}>\r\nSubject: {SUBJECT}\r\n"
           "Date: Mon, 23 Nov 2026 20:00:00 +0000\r\n"
           f"Message-ID: <quickstart@example.org>\r\n\r\nBob,\r\n\r\n{SECRET}\r\n")
POLICY = "[rule everyone]\nencrypt = prefer\nsign = yes\n"

OWN = """\
[keys]
gnupg-home = gnupg              ; recipients' keys, and your own secret key

[listen submission]
address = 127.0.0.1:1587        ; what your mail client's SMTP points at
tls = none                      ; loopback only: the password stays on this machine
upstream = provider

[listen reading]
protocol = imap                 ; pop3 needs an upstream of its own
address = 127.0.0.1:1143        ; what your mail client's IMAP points at
tls = none
upstream = mailbox

[upstream provider]
address = smtp.example.com:587  ; your provider
tls = starttls                  ; or implicit, with :465

[upstream mailbox]
address = imap.example.com:993
tls = implicit                  ; or starttls, with :143

[user you]
login = you@example.com         ; the login your provider knows
addresses = you@example.com     ; whose key signs, and what From may say
"""

# A mail client that shows the first message of a mailbox as its user sees it.
MUTT = """\
set folder = "{home}"
set imap_user = "{user}"
set imap_pass = "{password}"
set imap_authenticators = "plain"
set ssl_starttls = no
set ssl_force_tls = no
set crypt_use_gpgme = no
set pipe_decode = yes
set wait_key = no
set quit = yes
unset imap_idle
ignore *
unignore from to subject x-letterlock
hdr_order from to subject x-letterlock
push "<pipe-message>cat >{shown}<enter><exit>"
"""


class Broken(Exception):
    """A promise was not kept."""


def verify(holds, claim, *seen):
    if not holds:
        raise Broken(claim + "".join(f"\n{text}" for text in seen))
    print(f"  verified: {claim}")


def printable(data):
    return "".join(chr(byte) if 32 <= byte < 127 else "." for byte in data)


def tls_records(data, limit):
    """TLS records as lines: kind, length, first bytes."""
    kinds = {20: "change cipher", 21: "alert", 22: "handshake", 23: "data"}
    lines, at = [], 0
    while at + 5 <= len(data):
        length = int.from_bytes(data[at + 3:at + 5], "big")
        body = data[at + 5:at + 5 + length]
        lines.append(f"TLS {kinds.get(data[at], '?')}, {length} bytes: "
                     f"{body[:8].hex()} {printable(body[:8])}")
        at += 5 + length
    if len(lines) > limit:
        lines[limit:] = [f"... and {len(lines) - limit} more TLS records"]
    return lines


def wire(sent, limit=12):
    """What the gateway said to the provider: clear up to STARTTLS, then TLS."""
    clear, mark, rest = sent.partition(b"STARTTLS\r\n")
    return (clear + mark).decode("ascii", "replace").splitlines() \
        + tls_records(rest, limit)


def fold(lines, width, height):
    folded = []
    for line in lines:
        folded += textwrap.wrap(line, width, drop_whitespace=False,
                                break_long_words=True) or [""]
    if len(folded) > height:
        folded[height - 1:] = [f"... {len(folded) - height + 1} lines more"]
    return folded


def side_by_side(columns, left, right, height=26):
    """Two titled panels beside each other."""
    width = (columns - 3) // 2
    panels = [[title, "-" * width, *fold(lines, width, height)]
              for title, lines in (left, right)]
    rows = max(len(panel) for panel in panels)
    print()
    for i in range(rows):
        cells = [panel[i] if i < len(panel) else "" for panel in panels]
        print(f"{cells[0]:<{width}} | {cells[1]}".rstrip())


def own_headers(stored):
    """The stored message without what the provider's delivery put on top."""
    lines = stored.decode("utf-8", "replace").splitlines()
    for i, line in enumerate(lines):
        if line.lower().startswith(("from:", "mime-version:", "content-type:", "to:")):
            return [x for x in lines[:i] if not x[:1].isspace()
                    and x.lower().startswith("return-path")] + lines[i:]
    return lines


def send(address, port, world):
    with smtplib.SMTP(address, port, timeout=PATIENCE) as client:
        client.login(ALICE, world.password("alice"))
        client.sendmail(ALICE, [BOB], MESSAGE.encode())


def read(world, stored):
    """(what bob reads, who signed) by gpg alone."""
    message = email.message_from_bytes(stored, policy=email.policy.default)
    verify(message.get_content_type() == "multipart/encrypted",
           "what the provider stored is PGP/MIME (RFC 3156)", stored.decode())
    armor = list(message.iter_parts())[1].get_payload(decode=True)
    home = world.home("bob")
    home.load(world.public("alice"))
    plain, status = home.decrypt(armor)
    words = {line.split(" ")[0]: line for line in status}
    verify("DECRYPTION_OKAY" in words, "bob's key opens it", "\n".join(status))
    verify("GOODSIG" in words and ALICE in words["GOODSIG"],
           "the signature inside is good, and alice's", "\n".join(status))
    return plain, words["GOODSIG"].partition(" ")[2]


def as_provider_answers(world):
    """The message as an IMAP client gets it from the provider itself."""
    context = ssl.create_default_context(cafile=world.ca.pem)
    context.check_hostname = False	# it is called by its address
    with imaplib.IMAP4_SSL(world.address, world.store.imaps, ssl_context=context) as c:
        c.login(BOB, world.password("bob"))
        c.select("INBOX", readonly=True)
        return c.fetch("1", "(BODY.PEEK[])")[1][0][1]


def as_client_shows(world, port):
    """The message as mutt shows it, from IMAP at `port`."""
    home = world.dir / "mutt"
    home.mkdir()
    shown = home / "shown"
    (home / "muttrc").write_text(MUTT.format(user=BOB, password=world.password("bob"), home=home,
                                             shown=shown))
    done = subprocess.run(
        ["script", "-qec", f"mutt -n -F {home}/muttrc -R -f imap://{world.address}:{port}/INBOX",
         "/dev/null"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, timeout=PATIENCE, check=False, cwd=home,
        env={**os.environ, "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8"})
    if not shown.exists():
        raise Broken(f"mutt showed no message\n{printable(done.stdout[-2000:])}")
    return shown.read_text()


def bob_reads(world, port, wire, columns):
    """Bob's mail client, with no key of its own, through Letterlock."""
    there = as_provider_answers(world)
    shown = as_client_shows(world, port)
    verify(SECRET in shown and f"Subject: {SUBJECT}" in shown,
           "bob's mail client shows text and subject", shown)
    verify("X-Letterlock: decrypted; signature=good" in shown and ALICE in shown
           .partition("X-Letterlock:")[2].partition("\n\n")[0],
           "and the verdict: decrypted, signed by alice", shown)
    for what, token in (("the text", SECRET), ("the subject", SUBJECT)):
        verify(token.encode() not in wire.both + there + world.mails("bob")[0],
               f"{what} is still readable nowhere else: not at the provider, not on the "
               "wire from it")
    side_by_side(columns, ("5. WHAT THE PROVIDER ANSWERS (IMAP)", own_headers(there)),
                 ("6. IN BOB'S mutt, VIA LETTERLOCK",
                  shown.splitlines()))


def refuses_impostor(world):
    """A second gateway trusts another CA: the provider must not get through."""
    from world.ca import Authority
    other = Authority(world.dir / "other-ca", "Another CA")
    gateway = world.gateway(policy=POLICY, ca=other)
    try:
        send(gateway.address, gateway.port, world)
    except smtplib.SMTPException as e:
        verify("untrusted issuer" in str(e),
               "a provider whose certificate it does not trust gets nothing "
               "(421 4.7.5, untrusted issuer)", str(e))
        return
    raise Broken("a provider with an untrusted certificate was sent a message")


def check_own(world, gateway):
    """The configuration that is printed at the end is a good one for a user,
    once the keys are imported as it says."""
    folder = world.dir / "own"
    (folder / "gnupg").mkdir(parents=True, mode=0o700)
    (folder / "letterlock.conf").write_text(OWN)
    (folder / "policy.conf").write_text(POLICY)
    conf = folder / "letterlock.conf"
    user = pwd.getpwnam(gateway.USER)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, user.pw_uid, user.pw_gid)
    program = gateway.binary_for_others()
    who = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    run(program, "keys", "import", "-c", conf, data=world.secret("alice"), **who)
    done = run(program, "check", "-c", conf, check=False, **who)
    verify(done.returncode == 0, "letterlock check finds no problem in the "
           "configuration shown below", done.err)


def show(world, columns):
    print("starting a provider (Postfix, Dovecot), two people with keys, and "
          "Letterlock", flush=True)
    world.start_provider()
    far = world.tap((world.address, world.provider.submission))
    mailbox = world.tap((world.address, world.store.imap))
    reading = free_port(world.address)
    gateway = world.gateway(
        upstream=(world.address, far.port), policy=POLICY, keys=("alice", "bob"),
        own=("alice", "bob"), conf={
            "listen reading": {"protocol": "imap", "address": f"{world.address}:{reading}",
                               "tls": "none", "upstream": "mailbox"},
            "upstream mailbox": {"address": f"{world.address}:{mailbox.port}",
                                 "tls": "starttls", "verify": "ca", "ca-file": world.ca.pem,
                                 "server-name": "imap.provider.test"}})
    near = world.tap((world.address, gateway.port))
    send(world.address, near.port, world)
    world.provider.settle()
    mails = world.mails("bob")
    verify(len(mails) == 1, "one message was sent, one arrived")
    stored = mails[0]
    plain, signer = read(world, stored)
    said = near.sent.decode("utf-8", "replace").splitlines()
    text = plain.decode("utf-8", "replace").replace("\r\n", "\n")
    verify(SECRET.encode() in near.sent, "the client sent plain text")
    for what, token in (("the text", SECRET), ("the subject", SUBJECT),
                        ("the login", "AUTH"), ("the recipient", BOB)):
        verify(token.encode() not in far.both, f"{what} did not cross the wire "
               "to the provider in the clear")
    for what, token in (("the text", SECRET), ("the subject", SUBJECT)):
        verify(token.encode() not in stored, f"the provider did not store {what}")
    verify(text.partition("\n\n")[2] == MESSAGE.replace("\r\n", "\n")
           .partition("\n\n")[2], "bob reads exactly what alice wrote", text)
    verify(f"Subject: {SUBJECT}" in text, "the subject travelled inside", text)
    refuses_impostor(world)
    check_own(world, gateway)
    side_by_side(columns,
                 ("1. WHAT LEFT THE CLIENT (plain SMTP)",
                  ["AUTH " + line.split()[1] + " ..." if line.startswith("AUTH")
                   else line for line in said]),
                 ("2. ON THE WIRE TO THE PROVIDER", wire(far.sent)))
    side_by_side(columns, ("3. WHAT THE PROVIDER STORED", own_headers(stored)),
                 ("4. WHAT BOB READS AFTER gpg",
                  [*text.splitlines(), "", f"gpg: good signature from {signer}"]))
    print()
    bob_reads(world, reading, mailbox, columns)
    return gateway


def explain_own():
    print(f"""
WITH YOUR OWN PROVIDER: put this into ~/.config/letterlock/letterlock.conf
and the rules into policy.conf beside it (as root: see README, "As a service").

--- letterlock.conf
{OWN}
--- policy.conf
{POLICY}
--- Then:
    mkdir -m 700 ~/.config/letterlock/gnupg
    gpg --export-secret-keys you@example.com | {binary()} keys import
    {binary()} keys import friend.asc
    {binary()} check && {binary()} serve
and point your mail client at 127.0.0.1, no TLS: SMTP port 1587, IMAP port 1143.""")


def stay(world, gateway):
    users = ", ".join(f"{address_of(name)} ({world.password(name)!r})"
                      for name in ("alice", "bob"))
    print(f"""
--keep: it all runs until Ctrl-C, in {world.dir}
    SMTP to Letterlock   {gateway.address}:{gateway.port} (no TLS)
    IMAP to Letterlock   {gateway.sections['listen reading']['address']} (no TLS)
    IMAP at the provider {world.address}:{world.store.imap}
    users                {users}
    bob's GnuPG home     {world.home('bob').path}
    configuration        {gateway.conf}
    log                  {gateway.log_path}""", flush=True)
    signal.pause()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--keep", action="store_true")
    args = parser.parse_args()
    columns = max(80, min(120, shutil.get_terminal_size((100, 40)).columns))
    try:
        with World() as world:
            try:
                gateway = show(world, columns)
                explain_own()
                if args.keep:
                    stay(world, gateway)
            except KeyboardInterrupt:
                return 0
            except Exception as e:
                print(f"\nquickstart: NOT as promised: {e}\n\n{world.logs()}",
                      file=sys.stderr, flush=True)
                return 1
    except RuntimeError as e:
        print(f"quickstart: {e}", file=sys.stderr)
        return 1
    print("\nnothing is left running; all that was shown has been verified")
    return 0


sys.stdout.reconfigure(line_buffering=True)
os.environ.pop("GNUPGHOME", None)
sys.exit(main())
