"""agree - asks a mailbox everything about every message, in every way, and
names any two answers that do not agree. What it learnt can be held against
another session, another key ring, another day.

    found = agree.imap(client)      # {uid: {item: value}}
    found.faults                    # [what disagrees]
    agree.differences(found, later)
"""

import base64
import re

FIELDS = ("SUBJECT", "FROM", "TO", "DATE", "MESSAGE-ID", "CONTENT-TYPE",
          "AUTHENTICATION-RESULTS", "X-LETTERLOCK")


class Found(dict):
    def __init__(self):
        super().__init__()
        self.faults = []


def clip(value):
    text = repr(value)
    return text if len(text) < 160 else text[:100] + f"...({len(text)})..." + text[-40:]


def fields(header):
    """[(name, bytes of the whole field with its CRLF)]"""
    out = []
    for line in header.splitlines(keepends=True) if b"\r\r" not in header else \
            re.findall(rb".*?\r\n|.+$", header, re.S):
        if line in (b"\r\n", b"\n"):
            break
        if line[:1] in b" \t" and out:
            out[-1][1] += line
        else:
            out.append([line.partition(b":")[0].strip().upper().decode("latin-1"), line])
    return out


def wanted(header, names, inverse=False):
    return b"".join(raw for name, raw in fields(header)
                    if (name in names) != inverse) + b"\r\n"


def value_of(header, name):
    for found, raw in fields(header):
        if found == name:
            text = raw.partition(b":")[2]
            return re.sub(rb"\r?\n(?=[ \t])", b"", text).strip(b" \t\r\n")
    return None


def decoded(body, encoding):
    """What a part's octets stand for; None where programs may differ on that."""
    if encoding in (b"7bit", b"8bit", b"binary"):
        return body
    if encoding == b"base64":
        text = re.sub(rb"[ \t\r\n]", b"", body)
        return base64.b64decode(text) if re.fullmatch(
            rb"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", text) else None
    if encoding == b"quoted-printable":
        text = re.sub(rb"[ \t]+(?=\r\n|\Z)", b"", body)
        text = re.sub(rb"=(\r\n|\Z)", b"", text)
        return None if re.search(rb"=(?![0-9A-Fa-f]{2})|\r(?!\n)|(?<!\r)\n", text) else re.sub(
            rb"=(..)", lambda m: bytes([int(m[1], 16)]), text)
    return None


class Message:
    """One message through one client; `say` takes what disagrees."""

    def __init__(self, client, n, say, offered=()):
        self.client, self.n, self.say = client, n, say
        self.got = {}
        self.offered = offered

    def ask(self, item, name=None):
        if item not in self.got:
            self.got[item] = self.client.one(self.n, item, name)
        return self.got[item]

    def same(self, what, one, other):
        if one != other:
            self.say(f"message {self.n}: {what}: {clip(one)} against {clip(other)}")

    def whole(self):
        full = self.ask("BODY.PEEK[]")
        self.same("RFC822.SIZE and BODY[]", int(self.ask("RFC822.SIZE")), len(full))
        header, text = self.ask("BODY.PEEK[HEADER]"), self.ask("BODY.PEEK[TEXT]")
        self.same("BODY[HEADER] + BODY[TEXT] and BODY[]", header + text, full)
        self.same("RFC822.HEADER and BODY[HEADER]", self.ask("RFC822.HEADER"), header)
        self.same("RFC822 and BODY[]", self.ask("RFC822"), full)
        self.same("RFC822.TEXT and BODY[TEXT]", self.ask("RFC822.TEXT"), text)
        self.same("BODY[] and BODY.PEEK[]", self.client.one(self.n, "BODY[]"), full)
        return full, header, text

    def cuts(self, section, full):
        size = len(full)
        for at, count in ((0, 1), (0, 100), (100, 100), (max(0, size - 7), 100),
                          (size // 2, 33), (size, 5), (size + 10, 5), (0, max(1, size)),
                          (0, size + 100)):
            got = self.client.one(self.n, f"BODY.PEEK[{section}]<{at}.{count}>",
                                  f"BODY[{section}]<{at}>")
            self.same(f"BODY[{section}]<{at}.{count}>", got or b"", full[at:at + count])
        step = max(1, size // 3 + 1)
        joined = b"".join(self.client.one(
            self.n, f"BODY.PEEK[{section}]<{at}.{step}>", f"BODY[{section}]<{at}>")
            for at in range(0, size, step))
        self.same(f"the pieces of BODY[{section}]", joined, full)

    def binary(self, number, body, encoding):
        """BINARY[number] of a part without parts."""
        want = decoded(body, bytes(encoding).lower())
        if want is None or "BINARY" not in self.offered:
            return
        got = self.ask(f"BINARY.PEEK[{number}]")
        self.same(f"BINARY[{number}] and BODY[{number}]", got, want)
        size = int(self.ask(f"BINARY.SIZE[{number}]"))
        self.same(f"BINARY.SIZE[{number}] and BINARY[{number}]", size, len(got))
        for at, count in ((0, 1), (1, 50), (size // 2, 33), (max(0, size - 3), 9), (size, 5)):
            cut = self.client.one(self.n, f"BINARY.PEEK[{number}]<{at}.{count}>")
            self.same(f"BINARY[{number}]<{at}.{count}>", cut, got[at:at + count])

    def headers(self, header):
        names = " ".join(FIELDS)
        for word, inverse in (("HEADER.FIELDS", False), ("HEADER.FIELDS.NOT", True)):
            got = self.ask(f"BODY.PEEK[{word} ({names})]", f"BODY[{word} ({names})]")
            want = wanted(header, FIELDS, inverse)
            if not re.search(rb"(?m)^[^:\r\n \t]*$|\r[^\n]|[^\r]\n", header[:-2]):
                self.same(word, got, want)

    def envelope(self, header):
        got = self.ask("ENVELOPE")
        if len(got) != 10:
            self.say(f"message {self.n}: ENVELOPE of {len(got)} fields")
            return
        if re.search(rb"\0|\r[^\n]|[^\r]\n|[\x80-\xff]", header):
            return
        for at, name in ((0, "DATE"), (1, "SUBJECT"), (8, "IN-REPLY-TO"), (9, "MESSAGE-ID")):
            want = value_of(header, name)
            if sum(f[0] == name for f in fields(header)) == 1:
                squeeze = lambda x: re.sub(rb"\s+", b"", x or b"")  # noqa: E731
                self.same(f"ENVELOPE and {name}", squeeze(got[at]), squeeze(want))
        sender = value_of(header, "FROM")
        m = sender and re.fullmatch(rb"[A-Za-z ]*<([\w.]+)@([\w.]+)>", sender)
        if m and sum(f[0] == "FROM" for f in fields(header)) == 1:
            self.same("ENVELOPE and From", [[bytes(x or b"") for x in entry[2:]]
                                            for entry in got[2] or []], [[m[1], m[2]]])

    def part(self, path, structure, outer_header):
        """One part of BODYSTRUCTURE against BODY[path] and its like."""
        if isinstance(structure[0], list):
            for i, child in enumerate(structure):
                if not isinstance(child, list):
                    break
                self.part(f"{path}.{i + 1}" if path else str(i + 1), child, None)
            return
        number = path or "1"
        body = self.ask(f"BODY.PEEK[{number}]") or b""
        mime = outer_header if not path else self.ask(f"BODY.PEEK[{number}.MIME]") or b""
        kind = b"/".join(bytes(x).lower() for x in structure[:2])
        self.same(f"the size in BODYSTRUCTURE of {number} ({kind})", int(structure[6]), len(body))
        stated = value_of(mime, "CONTENT-TYPE")
        m = stated and re.match(rb"([\w-]+)/([\w.+-]+)\s*(;|$)", stated)
        if m:
            self.same(f"the type of {number}", kind, (m[1] + b"/" + m[2]).lower())
        stated = value_of(mime, "CONTENT-TRANSFER-ENCODING")
        if stated and re.fullmatch(rb"[\w-]+", stated):
            self.same(f"the encoding of {number}", bytes(structure[5]).lower(), stated.lower())
        if kind.startswith(b"text/") or kind == b"message/rfc822":
            lines = int(structure[7 if kind.startswith(b"text/") else 9])
            if lines not in (body.count(b"\n"), body.count(b"\n") + (not body.endswith(b"\n"))):
                self.same(f"the lines of {number}", lines, body.count(b"\n"))
        if path and mime + body not in self.got["BODY.PEEK[]"]:
            self.say(f"message {self.n}: BODY[{number}.MIME] + BODY[{number}] is not in BODY[]")
        if kind == b"message/rfc822":
            header, text = (self.ask(f"BODY.PEEK[{number}.{x}]") or b"" for x in ("HEADER", "TEXT"))
            self.same(f"header + text of {number}", header + text, body)
            inner = structure[8]
            if isinstance(inner[0], list):
                self.part(number, inner, None)
            else:
                sub = self.ask(f"BODY.PEEK[{number}.1]") or b""
                self.same(f"the size of {number}.1", int(inner[6]), len(sub))
        else:
            self.binary(number, body, structure[5])
            if len(body) < 100000:
                self.cuts(number, body)

    def structure(self, header):
        whole, short = self.ask("BODYSTRUCTURE"), self.ask("BODY")

        def basic(part):
            if isinstance(part[0], list):
                children = [basic(x) for x in part if isinstance(x, list)
                            and x and (isinstance(x[0], list) or len(x) >= 7)]
                count = next((i for i, x in enumerate(part) if not isinstance(x, list)), 0)
                return children[:count] + [part[count]]
            kind = b"/".join(bytes(x).lower() for x in part[:2])
            keep = 8 if kind.startswith(b"text/") else 10 if kind == b"message/rfc822" else 7
            got = list(part[:keep])
            if kind == b"message/rfc822":
                got[8] = basic(got[8])
            return got
        self.same("BODY and BODYSTRUCTURE", basic(short), basic(whole))
        self.part("", whole, header)

    def together(self):
        """All in one FETCH is what it was one by one."""
        items = [x for x in self.got if not x.startswith("BODY.PEEK[HEADER.F")]
        got = self.client.fetch(self.n, "(" + " ".join(["UID", *items]) + ")")[self.n]
        for item in items:
            name = item.replace(".PEEK", "").upper()
            self.same(f"{item} asked with others", got.get(name, "no answer"), self.got[item])


def imap(client, light=False):
    """All messages of the selected mailbox. `light`: no cuts, for a second look."""
    found = Found()
    uids = {n: int(got["UID"]) for n, got in client.fetch("1:*", "(UID)").items()}
    sizes = client.fetch("1:*", "(RFC822.SIZE)")
    offered = client.capabilities()
    for n, uid in sorted(uids.items()):
        m = Message(client, n, found.faults.append, offered)
        try:
            full, header, text = m.whole()
            m.same("RFC822.SIZE of all and of one", int(sizes[n]["RFC822.SIZE"]), len(full))
            m.headers(header)
            m.envelope(header)
            m.structure(header)
            if not light:
                m.cuts("", full)
                m.cuts("TEXT", text)
                m.cuts("HEADER", header)
            m.together()
            by_uid = client.fetch(uid, "BODY.PEEK[]", uid=True)[n]["BODY[]"]
            m.same("UID FETCH and FETCH", by_uid, full)
        except (KeyError, ValueError, RuntimeError, IndexError, TypeError) as e:
            found.faults.append(f"message {n}: {type(e).__name__}: {e}")
        found[uid] = m.got
    return found


def pop3(client):
    """All messages of a POP3 session: {uidl: {"size", "RETR"}}."""
    found = Found()
    say = found.faults.append
    count, octets = map(int, client.good("STAT").split()[1:3])
    sizes, names = client.sizes(), client.uidl()
    if (count, octets) != (len(sizes), sum(sizes.values())):
        say(f"STAT {count} {octets} against LIST {len(sizes)} {sum(sizes.values())}")
    for n, size in sizes.items():
        data = client.many(f"RETR {n}")
        if size != len(data):
            say(f"message {n}: LIST {size} against RETR {len(data)}")
        if int(client.good(f"LIST {n}").split()[2]) != size:
            say(f"message {n}: LIST and LIST {n}")
        if client.good(f"UIDL {n}").split()[2].encode() != names[n]:
            say(f"message {n}: UIDL and UIDL {n}")
        head, empty, body = (b"\r\n" + data).partition(b"\r\n\r\n")
        head, empty = head[2:], empty if head else empty[2:]
        lines = re.findall(rb".*?\r\n|.+$", body, re.S)
        for k in (0, 1, 7, len(lines), len(lines) + 50):
            top = client.many(f"TOP {n} {k}")
            if top != head + empty + b"".join(lines[:k]):
                say(f"message {n}: TOP {k}: {clip(top)} against RETR {clip(data)}")
        if client.many(f"RETR {n}") != data:
            say(f"message {n}: RETR and RETR again")
        found[names[n]] = {"size": size, "RETR": data}
    if client.good("STAT").split()[1:3] != [str(count), str(octets)]:
        say("STAT changed after RETR")
    return found


def differences(one, other):
    """What two looks at the same mailbox do not agree on."""
    out = []
    for uid in sorted(set(one) | set(other), key=str):
        if uid not in one or uid not in other:
            out.append(f"{uid}: only in one of them")
            continue
        for item in sorted(set(one[uid]) & set(other[uid])):
            if one[uid][item] != other[uid][item]:
                out.append(f"{uid} {item}: {clip(one[uid][item])} against "
                           f"{clip(other[uid][item])}")
    return out
