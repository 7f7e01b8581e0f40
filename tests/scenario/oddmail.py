"""oddmail - messages of every kind that a store may hold: encodings, nesting,
broken MIME, and bytes that no message should have. Always the same ones."""

import base64
import quopri
import random
from pathlib import Path

CORPUS = Path(__file__).resolve().parents[1] / "corpus/mime"
HEAD = ("From: Alice <alice@example.org>\r\nTo: Bob <bob@example.org>\r\n"
        "Subject: {}\r\nDate: Mon, 23 Nov 2026 20:00:00 +0000\r\n"
        "Message-ID: <odd-{}@example.org>\r\n")


def head(name, more=""):
    return (HEAD.format(name.replace("-", " "), name) + more + "\r\n").encode()


def mime(kind, encoding="7bit", more=""):
    return (f"MIME-Version: 1.0\r\nContent-Type: {kind}\r\n"
            f"Content-Transfer-Encoding: {encoding}\r\n{more}")


def wrapped(data):
    return base64.encodebytes(data).replace(b"\n", b"\r\n")


def nested(depth):
    """multipart in multipart, `depth` deep, a text in the middle."""
    body = b"Content-Type: text/plain\r\n\r\nthe kernel\r\n"
    for i in range(depth):
        body = (b"Content-Type: multipart/mixed; boundary=\"b%d\"\r\n\r\n--b%d\r\n" % (i, i)
                + body + b"\r\n--b%d--\r\n" % i)
    return body


def attached(name, inner):
    """`inner` as message/rfc822 in a multipart."""
    return (head(name, "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=o\r\n")
            + b"--o\r\n\r\nsee below\r\n--o\r\nContent-Type: message/rfc822\r\n\r\n"
            + inner + b"\r\n--o--\r\n")


def sane():
    """{name: message} that a mailbox takes by APPEND and gives back as it was."""
    some = random.Random(4711)
    octets = some.randbytes(5000)
    text = "Grüße, 世界\r\n".encode()
    out = {
        "plain": head("plain") + b"hello\r\n",
        "no-body": head("no-body"),
        "empty-lines": head("empty-lines") + b"\r\n" * 40,
        "no-end": head("no-end") + b"the last line has no end",
        "dots": head("dots") + b".\r\n..\r\n.x\r\n\r\n.\r\n...\r\nend\r\n.\r\n",
        "dot-only": head("dot-only") + b".\r\n",
        "utf8": head("utf8", mime("text/plain; charset=utf-8", "8bit")) + text * 20,
        "latin1": head("latin1", mime("text/plain; charset=iso-8859-1", "8bit"))
        + bytes(range(160, 256)) + b"\r\n",
        "quoted": head("quoted", mime("text/plain; charset=utf-8", "quoted-printable"))
        + quopri.encodestring(text * 9).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        "base64": head("base64", mime("application/octet-stream", "base64")) + wrapped(octets),
        "long-line": head("long-line") + b"x" * (1 << 20) + b"\r\n",
        "long-header": head("long-header", "X-Long: " + "word " * 20000 + "\r\n") + b"x\r\n",
        "many-headers": head("many-headers", "".join(
            f"X-{i}: {i}\r\n" for i in range(1500))) + b"x\r\n",
        "folded": head("folded", "X-Folded: a\r\n b\r\n\tc\r\n  d\r\nReferences:\r\n <a@b>\r\n"
                       " <c@d>\r\nIn-Reply-To: <a@b>\r\n") + b"x\r\n",
        "twice": head("twice", "Subject: again\r\nFrom: Eve <eve@example.org>\r\n") + b"x\r\n",
        "words": head("words", "X-Other: =?utf-8?B?w7w=?= =?utf-8?Q?=C3=BC?=\r\n") + b"x\r\n",
        "groups": head("groups", "Cc: friends: a@x.example, \"B \\\"q\\\"\" <b@x.example>;,"
                       " undisclosed:;\r\nReply-To: <@route.example:c@x.example>\r\n") + b"x\r\n",
        "deep": head("deep", "MIME-Version: 1.0\r\n")[:-2] + nested(12),
        "attached": attached("attached", head("inside") + b"inner\r\n"),
        "twice-attached": attached("twice-attached", attached("middle", head("core") + b"c\r\n")),
        "lone-boundary": head("lone-boundary", mime("multipart/mixed; boundary=x"))
        + b"--y\r\n\r\nno\r\n",
        "no-boundary": head("no-boundary", mime("multipart/mixed")) + b"--\r\n\r\nno\r\n",
        "cut": head("cut", mime("multipart/mixed; boundary=x")) + b"--x\r\n\r\none\r\n--x\r\nConte",
        "empty-parts": head("empty-parts", mime("multipart/mixed; boundary=x"))
        + b"--x\r\n\r\n--x\r\n\r\n\r\n--x--\r\n",
        "strange-type": head("strange-type", "Content-Type: ;;=\"\r\n") + b"x\r\n",
        "related": head("related", mime("multipart/related; boundary=r; type=\"text/html\""))
        + b"pre\r\n--r\r\nContent-Type: text/html; charset=utf-8\r\nContent-ID: <h@x>\r\n"
        b"Content-Language: de, en\r\nContent-Location: x\r\n\r\n<p>\r\n--r\r\n"
        b"Content-Type: image/png; name*=utf-8''%C3%BC.png\r\nContent-MD5: abcd\r\n"
        b"Content-Disposition: inline; filename=\"a \\\" b.png\"\r\n"
        b"Content-Transfer-Encoding: BASE64\r\n\r\n" + wrapped(octets[:300]) + b"--r--\r\npost\r\n",
        "large": head("large", mime("application/octet-stream", "base64"))
        + wrapped(some.randbytes(3 << 20)),
        "not-pgp": head("not-pgp") + b"-----BEGIN PGP\r\nmy text speaks of it\r\n",
        "other-results": head("other-results", "Authentication-Results: mx.other.example; "
                              "spf=pass\r\n") + b"x\r\n",
    }
    for path in sorted(CORPUS.glob("*.eml")):
        out["corpus-" + path.stem] = path.read_bytes()
    return out


def hostile():
    """{name: file} as they may lie in a Maildir: no client could append them."""
    return {
        "nul": head("nul") + b"a\0b\r\n\0\r\n",
        "nul-header": head("nul-header", "X-Nul: a\0b\r\n") + b"x\r\n",
        "bare-cr": head("bare-cr") + b"a\rb\r\r\nc\r",
        "bare-lf": (head("bare-lf") + b"a\r\nb\r\n").replace(b"\r\n", b"\n"),
        "mixed-ends": head("mixed-ends").replace(b"\r\n", b"\n") + b"a\r\nb\nc\r\n",
        "cr-header": head("cr-header", "X-Cr: a\rb\r\n") + b"x\r\n",
        "no-header": b"\r\njust a body\r\n",
        "nothing": b"",
        "no-colon": b"this is no header\r\nneither this\r\n\r\nbody\r\n",
        "octets": head("octets") + bytes(range(1, 256)) + b"\r\n",
        "dot-lf": head("dot-lf").replace(b"\r\n", b"\n") + b"a\n.\nb\n..\n",
    }
