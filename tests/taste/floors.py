"""Imports go down only, and a library lives in one room."""

import os
import re

import source

# Folder: floor. What is above may include what is below, and its own floor in
# the same building.
FLOORS = {
    'policy/base': 0, 'policy/words': 1,
    'proxy/engine': 2, 'policy/rules': 2,
    'proxy/net': 3, 'policy/keys': 3, 'policy/crypto': 3, 'policy/store': 3,
    'proxy/session': 4, 'policy/job': 4,
    'proxy/run': 5, 'policy/run': 5,
}

# All that policy/run sees of proxy/: `check` asks it whether certificates hold.
POLICY_RUN_SEES = 'proxy/net/tls_creds.h'
# All that proxy/run sees of policy/ besides include/letterlock.
PROXY_RUN_SEES = re.compile(r'policy/run/\w+\.h|policy/rules/conf\.h')

# Header: the rooms that may include it.
LIBRARIES = (
    (r'uv\.h', r'proxy/net/\w+|proxy/run/\w+|policy/run/\w+'),
    (r'gnutls/.*', r'proxy/\w+/tls_\w+'),
    (r'gpgme\.h|gpg-error\.h', r'policy/crypto/(pgp|smime)(_\w+)?'),
    (r'gmime/.*|glib.*', r'policy/crypto/mime(_\w+)?'),
    (r'sqlite3\.h', r'policy/store/db(_\w+)?'),
    (r'ini\.h', r'policy/rules/ini_source'),
    (r'nettle/.*', r'policy/crypto/(digest|cipher)'),
    (r'idn2\.h', r'policy/words/domain'),
    (r'pcre2\.h', r'policy/rules/pattern'),
)

# The C library and the kernel, which every room may use.
SYSTEM = re.compile(r'''
    (assert|ctype|errno|fcntl|iconv|ifaddrs|inttypes|limits|locale|malloc|math|netdb|poll
    |pthread|pwd|grp|setjmp|signal|spawn|stdalign|stdarg|stdatomic|stdbool|stddef|stdint|stdio
    |stdlib|string|strings|syslog|termios|time|unistd|dirent|glob|libgen|getopt|sched
    |(arpa|net|netinet|sys|linux)/\w+)\.h
''', re.VERBOSE)

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def folder(path):
    return path.rsplit('/', 1)[0]


def floor_of(top, path):
    """The floor of a file of ours; None when it is nobody's."""
    if not path.startswith('include/letterlock/'):
        return FLOORS.get(folder(path))
    for home in ('policy/base', 'policy/words'):
        if os.path.exists(os.path.join(top, home, source.room(path) + '.c')):
            return FLOORS[home]
    return None


def building(path):
    """include/letterlock belongs to both."""
    return path.split('/')[0]


def house_problem(top, path, target):
    """Why `path` may not include our `target`, or None."""
    here, there = floor_of(top, path), floor_of(top, target)
    if there is None:
        return f'{target} is on no floor: FLOORS in tests/taste/floors.py does not know it'
    shared = target.startswith('include/')
    if shared:
        return f'{target} is on a higher floor ({there} above {here})' if there > here else None
    if building(path) == 'include':
        return f'{target} is inside a building'
    if building(path) == 'proxy' and building(target) == 'policy':
        if folder(path) == 'proxy/run' and PROXY_RUN_SEES.fullmatch(target):
            return None
        return f'proxy sees of policy only include/letterlock, not {target}'
    if folder(path) == 'policy/run' and target == POLICY_RUN_SEES:
        return None
    if building(path) != building(target):
        return f'{target} is in the other building'
    if there > here:
        return f'{target} is on a higher floor ({there} above {here})'
    return None


def library_problem(path, target):
    """Why `path` may not include the foreign `target`, or None."""
    for name, rooms in LIBRARIES:
        if not re.fullmatch(name, target):
            continue
        if path.endswith('.h'):
            return f'a header includes a library ({target})'
        if not re.fullmatch(f'({rooms})\\.c', path):
            return f'{target} is known in another room only ({rooms})'
        return None
    if SYSTEM.fullmatch(target):
        return None
    return f'{target} is neither ours, nor a known library, nor the system'


def check(top, build):
    for path in source.files(top, source.HOUSE, ('.c', '.h')):
        text = source.read(top, path)
        if floor_of(top, path) is None:
            yield path, 1, 'on no floor (FLOORS in tests/taste/floors.py)'
            continue
        for found in INCLUDE.finditer(text):
            line = text.count('\n', 0, found.start(2)) + 1
            target = found.group(2)
            if target == 'config.h':
                continue
            if found.group(1) == '"':
                if '/' not in target:
                    target = folder(path) + '/' + target
                problem = house_problem(top, path, target)
            elif target.startswith('letterlock/'):
                problem = house_problem(top, path, 'include/' + target)
            else:
                problem = library_problem(path, target)
            if problem:
                yield path, line, problem
