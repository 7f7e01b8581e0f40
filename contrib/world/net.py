"""net - an address of our own in 127.0.0.0/8, and ports on it that are free."""

import os
import random
import socket
import struct
import time

from .procs import PATIENCE, Late

TAKEN = set()


def own_address():
    """An address that no other world uses (but by rare chance, and then the
    ports differ)."""
    rng = random.Random(os.getpid() * 1000003 + time.time_ns())
    return f"127.{rng.randint(1, 250)}.{rng.randint(0, 250)}.{rng.randint(2, 250)}"


def free_port(address):
    """One that nothing has, and that no connection is given either before it is bound:
    it lies below those that the system hands out."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as limits:
        lowest = int(limits.read().split()[0])
    while True:
        port = random.randrange(min(10000, lowest // 2), lowest)
        if (address, port) in TAKEN:
            continue
        with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as s:
            try:
                s.bind((address, port))
            except OSError:
                continue
        TAKEN.add((address, port))
        return port


def table(address, port):
    """What the kernel says of the TCP sockets that are bound there: lists of words."""
    with open("/proc/net/tcp", encoding="ascii") as lines:
        return [words for words in map(str.split, lines) if words[1] == named(address, port)]


def named(address, port):
    """As that table names it."""
    return "%08X:%04X" % (struct.unpack("=I", socket.inet_aton(address))[0], port)


def listens(address, port):
    """Whether something listens there, without a connection that it would see."""
    return any(words[3] == "0A" for words in table(address, port))


def unread(sock):
    """How many octets that were sent on `sock` the program at its other end has not read."""
    here, there = sock.getsockname(), sock.getpeername()
    sent = [words[4].partition(":")[0] for words in table(*here) if words[2] == named(*there)]
    came = [words[4].partition(":")[2] for words in table(*there) if words[2] == named(*here)]
    return sum(int(x, 16) for x in sent + came)


def answers(address, port, seconds=PATIENCE):
    """Waits until something listens there."""
    end = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection((address, port), 5).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise Late(f"nothing listens on {address}:{port} after "
                           f"{seconds:g} s") from None
            time.sleep(0.01)
