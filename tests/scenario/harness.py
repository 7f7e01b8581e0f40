"""harness - what every scenario stands on: checks that are counted and said,
the world, clients, and the scripted peer. A scenario reads

    from harness import scenario

    with scenario(__doc__) as s:
        s.world.start_provider()
        ...
        s.ok(got == want, "the recipient reads what was sent", got)
"""

import contextlib
import os
import sys
import traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(TOP / "contrib"))

from world import procs  # noqa: E402
from world.gateway import binary  # noqa: E402
from world.world import World  # noqa: E402


def short(value, limit=1500):
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[:limit] + f"... ({len(text)})"


class Scenario:
    def __init__(self, title, world):
        self.title = title
        self.world = world
        self.failed = 0
        self.count = 0

    def ok(self, holds, text, *seen):
        """One check. `seen` is printed when it fails."""
        self.count += 1
        print(f"{'ok' if holds else 'not ok'} - {text}", flush=True)
        if not holds:
            self.failed += 1
            for value in seen:
                print("#   seen: " + short(value).replace("\n", "\n#   "))
        return bool(holds)

    def same(self, got, want, text):
        return self.ok(got == want, text, f"got  {short(got)}", f"want {short(want)}")

    def starts(self, got, want, text):
        """`got` (a reply) starts with `want`."""
        return self.ok(str(got).startswith(want), text, got, f"want {want}")

    def artefact(self, name, data):
        """Keeps `data` (a picture) after the run: in LETTERLOCK_ARTEFACTS, or
        in artefacts/ beside the program under test."""
        folder = Path(os.environ.get("LETTERLOCK_ARTEFACTS")
                      or Path(binary()).parent / "artefacts")
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        path.write_bytes(data)
        return path

    @contextlib.contextmanager
    def part(self, text):
        """What breaks inside is one failed check, and the rest goes on."""
        try:
            yield
        except Exception as e:  # pylint: disable=broad-except
            self.ok(False, f"{text}: {type(e).__name__}: {e}",
                    traceback.format_exc())


@contextlib.contextmanager
def scenario(title, **options):
    with World(**options) as world:
        s = Scenario(title.strip().splitlines()[0], world)
        try:
            yield s
        except Exception as e:  # pylint: disable=broad-except
            s.ok(False, f"the scenario runs to its end: {type(e).__name__}: {e}",
                 traceback.format_exc())
        if s.failed:
            print("#\n" + "\n".join("# " + line
                                    for line in world.logs().splitlines()))
        if not s.count:
            s.ok(False, "the scenario has checks")
    sys.stdout.flush()
    os._exit(1 if s.failed else 0)


until = procs.until
run = procs.run
