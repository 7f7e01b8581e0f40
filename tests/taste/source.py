"""C sources as the checks see them: files, tokens, function bodies."""

import os
import re

HOUSE = ('include', 'policy', 'proxy')

TOKEN = re.compile(r'''
    (?P<comment>/\*.*?\*/|//[^\n]*)
  | (?P<string>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
  | (?P<directive>^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*)
  | (?P<word>[A-Za-z_]\w*|\d[\w.]*)
  | (?P<mark>&&|\|\||->|[^\s\w])
''', re.VERBOSE | re.DOTALL | re.MULTILINE)


def files(top, folders, ends):
    """Paths below `top`, sorted, of the files that end so."""
    found = []
    for folder in folders:
        for where, _, names in os.walk(os.path.join(top, folder)):
            found += [os.path.relpath(os.path.join(where, name), top)
                      for name in names if name.endswith(ends)]
    return sorted(found)


def read(top, path):
    with open(os.path.join(top, path), encoding='utf-8', errors='replace') as file:
        return file.read()


def room(path):
    """The noun that the file is named after."""
    return os.path.splitext(os.path.basename(path))[0]


def tokens(text):
    """(text, line, kind) of all but comments and preprocessor directives."""
    line, at = 1, 0
    for found in TOKEN.finditer(text):
        line += text.count('\n', at, found.start())
        at = found.start()
        if found.lastgroup not in ('comment', 'directive'):
            yield found.group(), line, found.lastgroup


def functions(text):
    """(name, first line, last line, tokens of the body) of each function. The
    house layout has a body's braces alone at the start of their lines."""
    every = list(tokens(text))
    lines = text.split('\n')
    opening = [n for n, line in enumerate(lines, 1) if line == '{']
    for first in opening:
        last = next((n for n, line in enumerate(lines[first:], first + 1)
                     if line.startswith('}')), len(lines))
        before = [t for t in every if t[1] < first]
        body = [t for t in every if first < t[1] < last]
        yield name_before(before), first, last, body


def name_before(before):
    """The word in front of the parameter list that ends `before`."""
    depth = 0
    for text, _, kind in reversed(before):
        if text == ')':
            depth += 1
        elif text == '(':
            depth -= 1
        elif depth == 0 and kind == 'word':
            return text
    return '?'
