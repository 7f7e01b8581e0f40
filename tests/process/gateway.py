"""gateway - the real program with a submission server that takes everything,
for tests of its processes alone: no keys, no TLS."""

import ctypes
import os
import pathlib
import pwd
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

# what is ours alone, so that tests may run side by side
ADDRESS = f"127.7.{os.getpid() >> 8 & 255}.{os.getpid() & 255 or 1}"

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)    # PR_SET_CHILD_SUBREAPER: orphans are ours


def binary():
    """The program under test: LETTERLOCK, or what was built in this tree."""
    named = os.environ.get("LETTERLOCK")
    for build in [named] if named else [os.environ.get("builddir", "."), "build"]:
        path = os.path.abspath(build if named else f"{build}/letterlock")
        if os.access(path, os.X_OK):
            return path
    raise RuntimeError("no letterlock to run: build it, or name it in LETTERLOCK")


# What is waited for comes, unless there is a fault: seconds that no machine needs,
# be it slow, or held up for a while.
PATIENCE = 90


def until(what, holds, seconds=PATIENCE):
    """Asks `holds` until it is true and returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        got = holds()
        if got:
            return got
        if time.monotonic() > end:
            raise AssertionError(f"{what}: not within {seconds:g} s")
        time.sleep(0.005)


def free_port():
    with socket.socket() as s:
        s.bind((ADDRESS, 0))
        return s.getsockname()[1]


def stat_of(pid):
    """(parent, state) of a process; None when it is gone."""
    try:
        fields = pathlib.Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[0].decode()


def processes():
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


class Upstream:
    """Says 250 to everything; `hold` is waited for before the final reply."""

    def __init__(self):
        self.socket = socket.create_server((ADDRESS, 0), backlog=500)
        self.port = self.socket.getsockname()[1]
        self.messages = []
        self.hold = None
        self.reached = threading.Event()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            conn, _ = self.socket.accept()
            threading.Thread(target=self.serve, args=(conn,), daemon=True).start()

    def serve(self, conn):
        try:
            with conn, conn.makefile("rwb") as f:
                self.talk(f)
        except OSError:
            pass

    def talk(self, f):
        def say(text):
            f.write(text + b"\r\n")
            f.flush()
        say(b"220 up.example ESMTP")
        body = None
        for line in f:
            if body is not None:
                if line != b".\r\n":
                    body.append(line)
                    continue
                self.reached.set()
                if self.hold:
                    self.hold.wait(2 * PATIENCE)
                self.messages.append(b"".join(body))
                body = None
                say(b"250 2.0.0 taken")
                continue
            verb = line[:4].upper()
            if verb == b"EHLO":
                say(b"250-up.example\r\n250-SIZE 50000000\r\n250-AUTH PLAIN\r\n250 8BITMIME")
            elif verb == b"DATA":
                body = []
                say(b"354 go on")
            elif verb == b"QUIT":
                say(b"221 bye")
                return
            else:
                say(b"250 2.0.0 ok")


class Client:
    def __init__(self, port, timeout=PATIENCE):
        self.socket = socket.create_connection((ADDRESS, port), timeout)
        self.file = self.socket.makefile("rwb")
        self.greeting = self.reply()

    def reply(self):
        """The code of the next reply; 0 when the connection has ended."""
        while True:
            try:
                line = self.file.readline()
            except OSError:
                return 0
            if not line:
                return 0
            if line[3:4] != b"-":
                self.said = line.decode()
                return int(line[:3])

    def say(self, text):
        try:
            self.file.write(text.encode() + b"\r\n")
            self.file.flush()
        except OSError:
            return 0
        return self.reply()

    def envelope(self):
        codes = [self.say("EHLO client.example"), self.say("MAIL FROM:<a@example.org>"),
                 self.say("RCPT TO:<b@example.org>"), self.say("DATA")]
        return codes == [250, 250, 250, 354]

    def send(self, subject="x"):
        """A whole message; the code of the last reply."""
        if not self.envelope():
            return 0
        return self.say(f"From: a@example.org\r\nTo: b@example.org\r\n"
                        f"Subject: {subject}\r\n\r\nhello\r\n.")

    def close(self):
        self.file.close()
        self.socket.close()


class Gateway:
    def __init__(self, upstream, workers=2, user="nobody", drain="2m"):
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="llproc", dir="/tmp"))
        self.dir.chmod(0o755)
        self.ports = [free_port()]
        self.upstream = upstream
        self.keys = {"hostname": "gw.example.org", "policy": "policy.conf",
                     "state": "state/db", "workers": workers, "drain-timeout": drain}
        if os.getuid() == 0 and user:
            self.keys["user"] = user
        self.conf = self.dir / "letterlock.conf"
        (self.dir / "state").mkdir()
        if self.keys.get("user"):
            os.chown(self.dir / "state", pwd.getpwnam(user).pw_uid, -1)
        self.policy = self.dir / "policy.conf"
        self.policy.write_text("[rule all]\nencrypt = no\n")
        self.process = None
        self.lines = []
        self.limits = {}
        self.write()

    def write(self):
        text = "[gateway]\n" + "".join(f"{k} = {v}\n" for k, v in self.keys.items())
        for i, port in enumerate(self.ports):
            text += (f"[listen l{i}]\nprotocol = smtp\naddress = {ADDRESS}:{port}\n"
                     "tls = none\nupstream = up\n")
        text += f"[upstream up]\naddress = {ADDRESS}:{self.upstream.port}\ntls = none\n"
        self.conf.write_text(text)

    @property
    def port(self):
        return self.ports[0]

    def launch(self, **env):
        self.process = subprocess.Popen([binary(), "serve", "-c", str(self.conf)],
                                        stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env={**os.environ, **env}, text=True,
                                        preexec_fn=self.limit)
        threading.Thread(target=self.read, args=(self.process,), daemon=True).start()
        return self

    def limit(self):
        for what, most in self.limits.items():
            resource.setrlimit(what, (most, most))

    def read(self, process):
        for line in process.stderr:
            self.lines.append(line.rstrip("\n"))

    def start(self, **env):
        self.launch(**env)
        until("ready", lambda: "letterlock: ready" in self.lines or
              self.process.poll() is not None and self.fail("it ended at start"))
        return self

    def fail(self, why):
        raise AssertionError(why + ":\n" + "\n".join(self.lines))

    def says(self, text, since=0):
        return [line for line in self.lines[since:] if text in line]

    def children(self):
        """{pid: role} of what runs below the master."""
        found = {}
        for pid in processes():
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if len(words) > 2 and words[1][:1] == b"@" and words[2] == bytes(self.conf):
                found[pid] = words[1].decode()
        return found

    def role(self, role):
        return sorted(pid for pid, words in self.children().items() if words == role)

    def sends(self, subject="x"):
        client = Client(self.port)
        code = client.send(subject)
        client.close()
        return code

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=PATIENCE):
        if self.process and self.process.poll() is None:
            self.signal(signal.SIGTERM)
        return self.process.wait(seconds) if self.process else None

    def clean(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        until("all children are gone", lambda: not self.children())
        shutil.rmtree(self.dir)
        for line in self.lines:
            if "Sanitizer" in line or "runtime error" in line:
                self.fail("a sanitizer found something")
