"""opaque - an OpenPGP message signed in itself (RFC 9580 10.3) whose signature is of any
class: no program makes one, but gpg-agent signs whatever digest it is given."""

import hashlib
import re
import subprocess
import time
from urllib.parse import unquote_to_bytes

EDDSA, SHA512 = 22, 10


def packet(tag, body):
    """In the new format, of at most 8,383 octets."""
    n = len(body)
    head = bytes([n]) if n < 192 else bytes([192 + (n - 192 >> 8), n - 192 & 255])
    return bytes([0xC0 | tag]) + head + body


def mpi(octets):
    octets = octets.lstrip(b"\0")
    return (len(octets) * 8 - 8 + octets[0].bit_length()).to_bytes(2, "big") + octets


def eddsa(home, fingerprint, digest):
    """r and s over `digest`, by the primary key."""
    lines = home.gpg("--with-colons", "--with-keygrip", "--list-secret-keys",
                     fingerprint).out.splitlines()
    grip = next(line.split(":")[9] for line in lines if line.startswith("grp:"))
    said = subprocess.run(
        ["gpg-connect-agent", "--homedir", home.path, "--hex", f"SIGKEY {grip}",
         f"SETHASH {SHA512} {digest.hex()}", "PKSIGN", "/bye"],
        check=True, capture_output=True, timeout=60).stdout
    lines = re.findall(r"(?m)^D\[[0-9a-f]+\]  ([0-9A-F ]{49})", said.decode())
    value = unquote_to_bytes(bytes.fromhex("".join(lines)))
    found = re.search(rb"\(1:r32:(.{32})\)\(1:s32:(.{32})\)", value, re.DOTALL)
    if not found:
        raise RuntimeError(f"gpg-agent did not sign: {said!r}")
    return found.groups()


def signed(home, fingerprint, data, kind, claimed=None):
    """`data`, signed with class `kind`; the packet before it claims another, if told to."""
    hashed = (b"\x05\x02" + int(time.time()).to_bytes(4, "big")
              + b"\x16\x21\x04" + bytes.fromhex(fingerprint))
    head = bytes([4, kind, EDDSA, SHA512]) + len(hashed).to_bytes(2, "big") + hashed
    digest = hashlib.sha512(data + head + b"\x04\xff" + len(head).to_bytes(4, "big")).digest()
    r, s = eddsa(home, fingerprint, digest)
    key_id = bytes.fromhex(fingerprint[-16:])
    first = bytes([3, kind if claimed is None else claimed, SHA512, EDDSA]) + key_id + b"\x01"
    return (packet(4, first) + packet(11, b"b\0" + bytes(4) + data)
            + packet(2, head + b"\0\0" + digest[:2] + mpi(r) + mpi(s)))
