"""Functions that nobody calls, and words that stand for unfinished work."""

import re

import source

# Function: what to use instead.
BANNED = {
    'strcpy': 'memcpy or mem_strdup', 'strcat': 'buf_puts', 'sprintf': 'snprintf or buf_printf',
    'vsprintf': 'vsnprintf', 'strtok': 'span_split', 'atoi': 'span_number',
    'sscanf': 'span_split and span_number', 'gets': 'buf_put', 'alloca': 'buf',
    'strncpy': 'memcpy', 'strerror': 'err_errno', 'rand': 'getrandom(2)',
}

UNFINISHED = re.compile(r'\b(TODO|FIXME|XXX|HACK)\b')


def check(top, build):
    for path in source.files(top, source.HOUSE + ('tests',), ('.c', '.h')):
        text = source.read(top, path)
        every = list(source.tokens(text))
        for (word, line, _), (after, _, _) in zip(every, every[1:]):
            if word in BANNED and after == '(':
                yield path, line, f'{word} is banned: use {BANNED[word]}'
        for found in UNFINISHED.finditer(text):
            yield path, text.count('\n', 0, found.start()) + 1, f'{found.group()} in the tree'
