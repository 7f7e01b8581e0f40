"""procs - starts programs, and ends every one of them whatever happens.

This process makes itself the one that orphans come home to, so that daemons
that detach (Postfix's master, gpg-agent) are still found and ended."""

import ctypes
import os
import signal
import subprocess
import time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
libc = ctypes.CDLL(None, use_errno=True)


class Late(Exception):
    """Something did not happen within its time."""


def adopt_orphans():
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def ends_with_us():
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


# What is waited for comes, unless there is a fault: seconds that no machine needs,
# be it slow, or held up for a while.
PATIENCE = 90.0


def until(what, holds, seconds=PATIENCE):
    """Asks `holds` until it is true and returns what it gave."""
    end = time.monotonic() + seconds
    while True:
        got = holds()
        if got:
            return got
        if time.monotonic() > end:
            raise Late(f"{what}: not within {seconds:g} s")
        time.sleep(0.01)


def run(*argv, data=None, env=None, check=True, timeout=2 * PATIENCE, **more):
    """Runs a command to its end; its output is text in the result."""
    done = subprocess.run([str(a) for a in argv], input=data, env=env,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=timeout, **more)
    done.out = done.stdout.decode("utf-8", "replace")
    done.err = done.stderr.decode("utf-8", "replace")
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(map(str, argv))}: exit status "
                           f"{done.returncode}\n{done.out}{done.err}")
    return done


def stat_of(pid):
    """(parent, state) of a process, or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as f:
            fields = f.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return int(fields[1]), fields[0].decode()


def living(pids):
    """Those of `pids` that have not ended."""
    return [pid for pid in pids if (stat_of(pid) or (0, "Z"))[1] != "Z"]


def descendants(root):
    """Every living process below `root`, children before grandchildren."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            stat = stat_of(name)
            if stat and stat[1] != "Z":
                children.setdefault(stat[0], []).append(int(name))
    found, todo = [], [root]
    while todo:
        for pid in children.get(todo.pop(), []):
            found.append(pid)
            todo.append(pid)
    return found


def reap():
    """Takes in the orphans that have ended."""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


def end_all(seconds=3.0):
    """Ends all that descends from this process: asks first, then kills."""
    for sign, wait in ((signal.SIGTERM, seconds), (signal.SIGKILL, seconds)):
        for pid in descendants(os.getpid()):
            try:
                os.kill(pid, sign)
            except ProcessLookupError:
                pass
        end = time.monotonic() + wait
        while descendants(os.getpid()) and time.monotonic() < end:
            reap()
            time.sleep(0.01)
    reap()
