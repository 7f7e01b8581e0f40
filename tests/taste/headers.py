"""A header is a contract: it says what for, guards itself, compiles alone."""

import os
import re
import shlex
import subprocess

import source

DECLARATION = re.compile(r'^(?!typedef|struct \w+;|enum|static|#|extern)[a-z][^;{}=]*\([^;{}]*\)'
                         r'[^;{}]*;', re.MULTILINE)

# What these do is the same in every room.
SELF_EVIDENT = re.compile(r'_(init|done|new|free)$')


def compiles(top, path):
    compiler = shlex.split(os.environ.get('CC', 'cc'))
    command = compiler + ['-std=c11', '-D_GNU_SOURCE', '-Wall', '-Wextra', '-Werror',
                          '-I' + os.path.join(top, 'include'), '-I' + top, '-fsyntax-only',
                          '-x', 'c', '-']
    text = f'#include "{path}"\n#include "{path}"\n'
    done = subprocess.run(command, input=text, text=True, stderr=subprocess.PIPE,
                          check=False)
    return None if done.returncode == 0 else done.stderr.strip().split('\n')[0]


def uncommented(text):
    """Declared functions that no comment precedes: a comment speaks for all
    that follow it without an empty line between."""
    for found in DECLARATION.finditer(text):
        name = found.group().split('(')[0].split()[-1].lstrip('*')
        paragraph = text[:found.start()].rsplit('\n\n', 1)[-1]
        if '*/' not in paragraph and not SELF_EVIDENT.search(name):
            yield name, text.count('\n', 0, found.start()) + 1


def check(top, build):
    for path in source.files(top, source.HOUSE, ('.h',)):
        text = source.read(top, path)
        room = source.room(path)
        if not re.match(r'/\*\s*(\*\s*)?' + re.escape(room) + r' - ', text):
            yield path, 1, f'does not begin with "/* {room} - what it is for"'
        guard = re.search(r'^#ifndef (\w+)\n#define \1\n', text, re.MULTILINE)
        if not guard:
            yield path, 1, 'has no include guard'
        if path.startswith('include/'):
            for name, line in uncommented(text):
                yield path, line, f'{name} has no comment'
        problem = compiles(top, path)
        if problem:
            yield path, 1, f'does not compile alone: {problem}'
