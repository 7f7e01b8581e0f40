"""Scripts: a name that nothing defines, an import that nothing uses. Python itself says so
only when that line runs, which may be where only a stranger goes first."""

import os
import re
import shutil
import subprocess

import source

FOLDERS = ('contrib', 'tests')
FOUND = re.compile(r'(?P<path>[^:]+):(?P<line>\d+):\d+:? (?P<text>.*)')


def scripts(top):
    for path in source.files(top, FOLDERS, ''):
        with open(os.path.join(top, path), 'rb') as file:
            first = file.readline(80)
        if path.endswith('.py') or (first.startswith(b'#!') and b'python3' in first):
            yield path


def check(top, _):
    """Where pyflakes is there; `noqa` on a line is for who knows better."""
    if not shutil.which('pyflakes3'):
        return
    done = subprocess.run(['pyflakes3', *scripts(top)], cwd=top, text=True, check=False,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    for line in done.stdout.splitlines():
        found = FOUND.match(line)
        if not found:
            continue
        path, number = found['path'], int(found['line'])
        if '# noqa' not in source.read(top, path).splitlines()[number - 1]:
            yield path, number, found['text']
