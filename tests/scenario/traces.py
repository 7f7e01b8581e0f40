"""traces - what an attacker would read who gets at a process's memory later."""

from pathlib import Path


def memory(pid):
    """All of its memory that can be written."""
    found = bytearray()
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as mem:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            span, mode = line.split()[:2]
            if not mode.startswith("rw") or "[vvar" in line:
                continue
            low, high = (int(x, 16) for x in span.split("-"))
            if high - low > 1 << 30:
                continue	# a sanitizer's shadow: no bytes of ours
            try:
                mem.seek(low)
                found += mem.read(high - low)
            except OSError:
                pass
    return found


def sanitized(pid):
    """A sanitizer keeps what was freed for a while, to see it used."""
    return "asan" in Path(f"/proc/{pid}/maps").read_text()
