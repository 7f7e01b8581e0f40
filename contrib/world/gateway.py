"""gateway - Letterlock itself: its configuration, policy and GnuPG home, and
the running program."""

import array
import fcntl
import grp
import os
import pwd
import select
import shutil
import signal
import subprocess
import termios
import threading
import time
from pathlib import Path

from . import net, procs
from .gnupg import Home

TOP = Path(__file__).resolve().parents[2]


def binary():
    """The program under test: LETTERLOCK, or what was built in this tree."""
    named = os.environ.get("LETTERLOCK")
    for path in [named] if named else [TOP / "letterlock", TOP / "build/letterlock"]:
        if os.access(path, os.X_OK):
            return str(Path(path).resolve())
    raise RuntimeError("no letterlock to run: build it, or name it in LETTERLOCK")


class Gateway:
    """`conf` is {section: {key: value}}; a value None leaves the key out."""

    USER = "nobody"
    NETWORK_USER = "daemon"

    def __init__(self, folder, address, upstream, ca_file, conf=None, policy="",
                 server_name="smtp.provider.test"):
        self.dir = Path(folder)
        self.dir.mkdir(parents=True)
        self.address = address
        self.port = net.free_port(address)
        self.upstream = upstream
        self.home = Home(self.dir / "gnupg")
        self.process = None
        self.ready = threading.Event()
        self.reading = threading.Lock()
        self.log_path = self.dir / "log"
        self.sections = {
            "gateway": {"hostname": "gw.example.org", "policy": "policy.conf",
                        "state": "state.db", "runtime-dir": self.dir / "run",
                        "workers": "2", "drain-timeout": "5s",
                        "user": self.USER if os.getuid() == 0 else None,
                        "network-user": self.NETWORK_USER if os.getuid() == 0 else None},
            "keys": {"gnupg-home": "gnupg"},
            "listen submission": {"protocol": "smtp",
                                  "address": f"{address}:{self.port}",
                                  "tls": "none", "upstream": "provider"},
            "upstream provider": {
                "address": f"{upstream[0]}:{upstream[1]}", "tls": "starttls",
                "verify": "ca", "ca-file": ca_file, "server-name": server_name},
        }
        self.conf = self.dir / "letterlock.conf"
        self.change(conf or {})
        self.policy(policy)
        (self.dir / "run").mkdir()
        self.own()

    def change(self, conf):
        """Merges `conf` into the configuration and writes it."""
        for section, keys in conf.items():
            if keys is None:
                self.sections.pop(section, None)
            else:
                self.sections.setdefault(section, {}).update(keys)
        text = ""
        for section, keys in self.sections.items():
            text += f"[{section}]\n" + "".join(
                f"{key} = {value}\n" for key, value in keys.items()
                if value is not None) + "\n"
        self.conf.write_text(text)

    def policy(self, text):
        (self.dir / "policy.conf").write_text(text)

    def own(self):
        """Gives the folder to the user that the gateway drops to."""
        if os.getuid():
            return
        user = pwd.getpwnam(self.USER)
        for path in [self.dir, *self.dir.rglob("*")]:
            if not path.is_symlink():
                os.chown(path, user.pw_uid, user.pw_gid)

    def load(self, armored):
        """Puts a key into the gateway's GnuPG home."""
        self.home.load(armored)
        self.home.stop()	# its agent is root's: the gateway's own is not
        self.own()

    def binary_for_others(self):
        """The program where the gateway's user can reach it: a checkout in
        root's home is nobody else's."""
        path = Path(binary())
        if all(above.stat().st_mode & 0o001 for above in [path, *path.parents]):
            return path
        copy = self.dir / "letterlock"
        if not copy.exists():
            shutil.copy(path, copy)
            copy.chmod(0o755)
        return copy

    def as_user(self, *args, data=None, check=False, timeout=2 * procs.PATIENCE):
        """A subcommand, run as the gateway's user (`-c` is added)."""
        user = pwd.getpwnam(self.USER)
        who = {} if os.getuid() else {
            "user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        return procs.run(self.binary_for_others(), args[0], "-c", self.conf, *args[1:],
                         data=data, check=check, timeout=timeout,
                         cwd=self.dir, **who)

    def start(self, wait=True, wrap=(), seconds=procs.PATIENCE, env=None):
        """Starts `serve` and waits for its `letterlock: ready`."""
        self.ready.clear()
        self.process = subprocess.Popen(
            [*wrap, binary(), "serve", "-c", str(self.conf)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE, preexec_fn=procs.ends_with_us,
            env={**os.environ, **(env or {})})
        threading.Thread(target=self.keep_log, args=(self.process,),
                         daemon=True).start()
        if not wait:
            return
        end = time.monotonic() + seconds
        while not self.ready.wait(0.02):
            if self.process.poll() is not None:
                raise RuntimeError(f"letterlock ended with status "
                                   f"{self.process.returncode}:\n{self.log()}")
            if time.monotonic() > end:
                raise RuntimeError(f"letterlock is not ready after {seconds} s:"
                                   f"\n{self.log()}")

    def keep_log(self, process):
        pipe, last = process.stderr.fileno(), b""
        with open(self.log_path, "ab", buffering=0) as log:
            while select.select([pipe], [], []):
                with self.reading:
                    said = os.read(pipe, 1 << 16)
                    log.write(said)
                if not said:
                    return
                *lines, last = (last + said).split(b"\n")
                if b"letterlock: ready" in lines:
                    self.ready.set()

    def unread(self):
        """Whether something that was said is not in the log's file yet."""
        left = array.array("i", [0])
        with self.reading:
            if self.process and not self.process.stderr.closed:
                fcntl.ioctl(self.process.stderr.fileno(), termios.FIONREAD, left)
        return left[0] > 0

    def log(self):
        """All that was said until now: what was said before a reply is in it, too."""
        procs.until("the log is read", lambda: not self.unread())
        return (self.log_path.read_text(errors="replace")
                if self.log_path.exists() else "")

    def stop(self, seconds=procs.PATIENCE):
        """SIGTERM; returns the exit status."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(seconds) if self.process else None

    def kill(self):
        if self.process and self.process.poll() is None:
            children = self.children()
            self.process.kill()
            self.process.wait()
            # they end with it, but not before they have their turn
            procs.until("its children have gone", lambda: not procs.living(children))

    def children(self):
        """{pid: role} of the gateway's processes below the master: what each
        says of itself in its command line."""
        found = {}
        for pid in procs.descendants(self.process.pid):
            try:
                words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
                exe = os.readlink(f"/proc/{pid}/exe")
            except OSError:
                continue
            if exe.split(" ")[0] == binary():
                found[pid] = b" ".join(words[1:]).decode().strip()
        return found

    def group(self):
        return grp.getgrgid(pwd.getpwnam(self.USER).pw_gid).gr_name
