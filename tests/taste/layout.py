"""Layout: what .clang-format says of blanks inside a line and of the depth of
a statement, and what it cannot say: the width of a line."""

import difflib
import re
import shutil
import subprocess

import source

COLUMNS_MAX = 100
TAB = 8

# Behind these a new statement begins, so that its depth means something.
ENDS_STATEMENT = re.compile(r'([;{}]|^(case .*|default|\w+):|^#.*|^)$')


def formatted(top, text, path):
    """As clang-format would have it; unchanged where there is none."""
    if not shutil.which('clang-format'):
        return text
    return subprocess.run(['clang-format', '--assume-filename', path], cwd=top, input=text,
                          text=True, stdout=subprocess.PIPE, check=True).stdout


def bare(line):
    """What two lines have in common whatever their blanks."""
    return re.sub(r'\s+', '', line)


def blanks(line):
    """What counts of a line's blanks: one between two tokens or none, but not
    how far away a comment stands."""
    return re.sub(r'\s+', ' ', re.sub(r'\s*(/\*)', r' \1', line.strip()))


def same_blanks(here, there):
    """clang-format 14 takes the `*` among a function pointer's arguments for
    a product."""
    if '(*' in here and blanks(here) == re.sub(r'\* (\w)', r'*\1', blanks(there)):
        return True
    return blanks(here) == blanks(there)


def depth(line):
    return len(line) - len(line.lstrip('\t'))


def inside_comment(lines):
    """For each line whether it goes on with a comment."""
    inside, going = [], False
    for line in lines:
        inside.append(going)
        for mark in re.findall(r'/\*|\*/', re.sub(r'"(?:\\.|[^"\\])*"', '""', line)):
            going = mark == '/*'
    return inside


def statement_begins(lines, number, inside):
    """True when the line above ended one; in an initialiser none begins."""
    if number == 0 or inside[number] or not lines[number].strip():
        return False
    before = re.sub(r'/\*.*?\*/', '', lines[number - 1]).strip()
    return bool(ENDS_STATEMENT.search(before)) and not lines[number].strip().startswith('{ ')


def compare(mine, wanted):
    """(line number, what is wrong) where both have the same line."""
    inside = inside_comment(mine)
    match = difflib.SequenceMatcher(None, [bare(line) for line in mine],
                                    [bare(line) for line in wanted], autojunk=False)
    for first, second, size in match.get_matching_blocks():
        for k in range(size):
            here, there = mine[first + k], wanted[second + k]
            if inside[first + k] or not bare(here):
                continue
            if not same_blanks(here, there):
                yield first + k + 1, f'blanks: write "{there.strip()}"'
            elif statement_begins(mine, first + k, inside) and depth(here) != depth(there):
                yield first + k + 1, f'{depth(here)} tabs in front, {depth(there)} are right'


def plain(lines):
    """What needs no clang-format."""
    for number, line in enumerate(lines, 1):
        if len(line.expandtabs(TAB)) > COLUMNS_MAX:
            yield number, f'more than {COLUMNS_MAX} columns'
        if line != line.rstrip():
            yield number, 'blanks at the end'
        if re.match(r'\t* {8}', line):
            yield number, 'eight blanks where a tab belongs'
        if re.search(r'(^|[\s;])//', re.sub(r'"(?:\\.|[^"\\])*"', '""', line)):
            yield number, 'a comment with //'


def check(top, build):
    for path in source.files(top, source.HOUSE + ('tests',), ('.c', '.h')):
        text = source.read(top, path)
        lines = text.split('\n')
        wanted = formatted(top, text, path).split('\n')
        for number, problem in list(plain(lines)) + list(compare(lines, wanted)):
            yield path, number, problem
