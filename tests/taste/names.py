"""Exported names start with their room's; nothing writable is global."""

import os
import re
import shutil
import subprocess

import source

# Room: further beginnings, each the struct or word that its header is about.
ALSO = {
    'ask': ('answer_',),
    'verdict': ('reply_',),
    'loop': ('timer_', 'watch_'),
    'dial': ('upstream_',),
    'key_index': ('key_',),
    'rule_match': ('rules_',),
    'policy_link': ('policy_ask', 'policy_forget'),
}

# What compilers add of their own (sanitizers, coverage).
FOREIGN = re.compile(r'^(__|_?\.L|asan\.|_GLOBAL_|_sub_)')

SYMBOL = re.compile(r'^[0-9a-f]+ (?P<flags>.{7}) (?P<section>\S+)\s+[0-9a-f]+ '
                    r'(?:\.hidden )?(?P<name>\S+)$')


def objects(top, build):
    for path in source.files(top, ('policy', 'proxy'), ('.c',)):
        compiled = os.path.join(build, path[:-2] + '.o')
        if source.room(path) != 'main' and os.path.exists(compiled):
            yield path, compiled


def symbols(compiled):
    """(name, section, exported) of the functions and objects in it."""
    table = subprocess.run(['objdump', '-t', compiled], check=True, text=True,
                           stdout=subprocess.PIPE).stdout
    for line in table.splitlines():
        found = SYMBOL.match(line)
        if not found or FOREIGN.match(found['name']):
            continue
        if found['flags'][6] in 'FO' or found['section'] == '*COM*':
            yield found['name'], found['section'], found['flags'][0] in 'gu!'


def writable(section):
    if section.startswith('.data.rel.ro'):
        return False
    return section == '*COM*' or bool(re.match(r'\.(data|bss|tdata|tbss)', section))


def ours(path, name):
    room = source.room(path)
    return name == room or name.startswith((room + '_',) + ALSO.get(room, ()))


def line_of(top, path, name):
    """Where the name first stands; a compiler numbers what is in a function."""
    plain = re.escape(re.sub(r'\.\d+$', '', name))
    found = re.search(r'\b' + plain + r'\b', source.read(top, path))
    return source.read(top, path).count('\n', 0, found.start()) + 1 if found else 1


def check(top, build):
    if not shutil.which('objdump'):
        yield 'tests/taste/names.py', 1, 'objdump (binutils) is missing'
        return
    seen = 0
    for path, compiled in objects(top, build):
        seen += 1
        for name, section, exported in symbols(compiled):
            line = line_of(top, path, name)
            if exported and not ours(path, name):
                yield path, line, f'{name} is exported, but does not start with {source.room(path)}_'
            if writable(section):
                yield path, line, f'{name} is a writable global ({section})'
    if not seen:
        yield 'tests/taste/names.py', 1, f'nothing is built in {build}'
