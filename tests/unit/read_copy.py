"""Reads a copy as its recipient would, with gpg and Python's own mail parser,
and says what is wrong with it. Exit status 0: nothing.

Usage: read_copy.py HOME COPY ORIGINAL [WORD ...]
       read_copy.py HOME JOBS (a file with COPY ORIGINAL WORD ... a line)

WORDS: encrypted | signed | clear; around (the client's own signature inside);
ids=ID,ID (all that it is encrypted to); signer=FINGERPRINT; subject=shown;
trace=N (octets of trace field in front); text=WORD (must be readable inside);
7bit (no 8-bit octet outside).
"""

import email
import email.policy
import quopri
import re
import subprocess
import sys

HIDDEN = ('comments', 'keywords', 'thread-topic')
DROPPED = ('bcc', 'resent-bcc', 'hp-outer', 'dkim-signature')


class Wrong(Exception):
    pass


def need(true, *why):
    if not true:
        raise Wrong(' '.join(str(part) for part in why))


def split(data):
    """(fields, body): raw fields as (name, value) with folding undone."""
    fields = []
    while data and not data.startswith(b'\r\n'):
        found = re.match(rb'([!-9;-~]+)[ \t]*:((?:[^\r\n]|\r\n[ \t])*)(\r\n|\Z)', data)
        if not found:
            return fields, data
        value = re.sub(rb'\r\n(?=[ \t])', b'', found[2])
        fields.append((found[1].decode(), b' '.join(value.split())))
        data = data[found.end():]
    return fields, data[2:]


def is_structural(name):
    return name.lower().startswith('content-') or name.lower() == 'mime-version'


def names(fields):
    return [name.lower() for name, _ in fields]


def parse(data):
    return email.message_from_bytes(data, policy=email.policy.default)


def leaves(data):
    """(type, file name, decoded content) of each part."""
    found = []
    for part in email.message_from_bytes(data, policy=email.policy.compat32).walk():
        if part.is_multipart():
            continue
        content = part.get_payload(decode=True)
        if str(part['content-transfer-encoding']).lower() == 'quoted-printable':
            # RFC 2045 6.7 (3): blanks at the end of a line are no part of it
            raw = part._payload.encode('ascii', 'surrogateescape')
            content = quopri.decodestring(re.sub(rb'[ \t]+(?=\r?\n)', b'', raw))
        if part.get_content_maintype() == 'text':
            content = content.replace(b'\r\n', b'\n').rstrip(b'\n')
        found.append((part.get_content_type(), content))
    return found


def gpg(home, *args, data=b''):
    done = subprocess.run(('gpg', '--homedir', home, '--batch', '--no-tty', '--status-fd',
                           '2', *args), input=data, capture_output=True, check=False)
    status = [line[9:].split(' ') for line in done.stderr.decode('utf-8', 'replace').splitlines()
              if line.startswith('[GNUPG:] ')]
    return done.stdout, status


def signer_of(status):
    words = {line[0]: line for line in status}
    need('BADSIG' not in words and 'ERRSIG' not in words, 'a bad signature', status)
    if 'VALIDSIG' not in words:
        return None
    need('GOODSIG' in words, 'no good signature', status)
    return words['VALIDSIG'][-1]


def protected(original):
    """What a payload has to hold of the client's fields."""
    return [(name, value) for name, value in original
            if not is_structural(name) and name.lower() not in DROPPED]


def check_outside(copy, original, words):
    need(re.search(rb'(?<!\r)\n|\r(?!\n)|\0', copy) is None, 'a bare CR, LF or NUL')
    fields, _ = split(copy[int(words.get('trace', 0)):])
    for name in ('bcc', 'resent-bcc', 'hp-outer'):
        need(name not in names(fields) or 'clear' in words and name == 'hp-outer',
             name, 'is outside')
    if '7bit' in words:
        need(max(copy) < 128, '8-bit octets')
    return fields


def check_signature_part(home, fields, body, words):
    """The signed entity of a multipart/signed, verified."""
    kind = parse(b'Content-Type: ' + dict((n.lower(), v) for n, v in fields)['content-type']
                 + b'\r\n\r\n')
    need(kind.get_content_type() == 'multipart/signed', 'not signed')
    need(kind.get_param('protocol') == 'application/pgp-signature', 'no protocol')
    mark = kind.get_boundary().encode()
    pieces = re.split(rb'(?:\A|\r\n)--' + re.escape(mark) + rb'(?:--)?[ \t]*\r\n', body)
    need(len(pieces) == 4 and pieces[0] == b'' and pieces[3] == b'', 'not two parts', pieces[0])
    entity = pieces[1]
    signature = split(pieces[2])[1]
    with open(words['scratch'], 'wb') as out:
        out.write(signature)
    _, status = gpg(home, '--verify', words['scratch'], '-', data=entity)
    need(signer_of(status) is not None, 'no good signature', status)
    algorithm = {line[0]: line for line in status}['VALIDSIG'][8]
    want = {'8': 'pgp-sha256', '9': 'pgp-sha384', '10': 'pgp-sha512'}.get(algorithm)
    need(kind.get_param('micalg') == want, 'micalg', kind.get_param('micalg'), want)
    return entity, signer_of(status)


def check_canonical(entity):
    need(max(entity) < 128, '8-bit octets are signed')
    for line in entity.split(b'\r\n'):
        need(len(line) <= 998 or max(map(len, line.split())) > 900, 'a signed line of',
             len(line))
        need(line == line.rstrip(b' \t'), 'blanks at the end of', line)
        need(not line.startswith(b'From '), line)


def decoded(value):
    """As a reader sees it: words decoded."""
    return str(email.header.make_header(email.header.decode_header(
        value.decode('utf-8', 'surrogateescape')))).split()


def same_fields(got, want, what):
    need([name for name, _ in got] == [name for name, _ in want], what, got, want)
    for (name, have), (_, wish) in zip(got, want):
        if max(wish, default=0) < 128:
            need(have == wish, what, name, have, wish)
        else:
            need(decoded(have) == wish.decode('utf-8', 'surrogateescape').split(), what, name,
                 have, wish)


def check_signed(home, copy, original, words):
    fields, body = split(copy[int(words.get('trace', 0)):])
    entity, signer = check_signature_part(home, fields, body, words)
    check_canonical(entity)
    inner, _ = split(entity)
    need(parse(entity).get_param('hp') == 'clear', 'no hp="clear"')
    need(entity.count(b'hp="clear"') == 1, 'hp="clear" also elsewhere')
    outside = [(n, v) for n, v in fields if not is_structural(n)]
    want = protected(split(original)[0])
    same_fields(outside, want, 'outside')
    same_fields([(n, v) for n, v in inner if not is_structural(n)], want, 'inside')
    head = b''.join(b'%s: %s\r\n' % (n.encode(), v) for n, v in split(original)[0]
                    if is_structural(n))
    need(leaves(entity) == leaves(head + b'\r\n' + split(original)[1]),
         'a part reads otherwise', leaves(entity)[:3])
    return signer


def check_payload(plain, fields, original, words):
    inner, body = split(plain)
    outside = [(n, v) for n, v in fields if not is_structural(n)]
    want = protected(split(original)[0])
    need(parse(plain).get_param('hp') == 'cipher', 'no hp="cipher"')
    need(plain.count(b'hp="cipher"') == 1, 'hp="cipher" also elsewhere')
    need(names(inner).count('content-type') == 1, 'Content-Type', inner)
    need('mime-version' not in names(inner), 'MIME-Version inside')
    told = []
    for name, value in inner:
        if name == 'HP-Outer':
            outer, _, rest = value.partition(b':')
            told.append((outer.decode(), rest.strip()))
    need(told == outside, 'HP-Outer', told, outside)
    same_fields([(n, v) for n, v in inner if not is_structural(n) and n != 'HP-Outer'], want,
                'inside')
    need(body == split(original)[1], 'the body is not what was sent')


def check_hidden(fields, original, words):
    subjects = [value for name, value in fields if name.lower() == 'subject']
    sent = [value for name, value in split(original)[0] if name.lower() == 'subject']
    if words.get('subject') == 'shown':
        need(subjects == sent, 'Subject', subjects)
    else:
        need(subjects == [b'[...]'] * min(1, len(sent)), 'Subject', subjects)
    for name in HIDDEN:
        need(name not in names(fields), name, 'is outside')


def check_encrypted(home, copy, original, words):
    fields, body = split(copy[int(words.get('trace', 0)):])
    outer = parse(copy)
    need(outer.get_content_type() == 'multipart/encrypted', outer.get_content_type())
    need(outer.get_param('protocol') == 'application/pgp-encrypted', 'no protocol')
    parts = list(outer.iter_parts())
    need(len(parts) == 2 and not outer.defects, outer.defects)
    need(parts[0].get_content_type() == 'application/pgp-encrypted', 'first part')
    need(parts[0].get_payload().strip() == 'Version: 1', 'Version')
    need(parts[1].get_content_type() == 'application/octet-stream', 'second part')
    plain, status = gpg(home, '--decrypt', data=parts[1].get_payload().encode())
    ids = sorted(line[1] for line in status if line[0] == 'ENC_TO')
    need(['DECRYPTION_OKAY'] in status, 'not decrypted', status)
    need(ids == sorted(words['ids'].split(',')), 'encrypted to', ids)
    check_hidden(fields, original, words)
    if 'around' in words:
        inner, inside = split(plain)
        need(inside == split(original)[1], 'the signed part is not what was sent')
        need(parse(plain).get_param('hp') is None, 'hp is claimed')
        check_signature_part(home, inner, inside, words)
        return signer_of(status)
    check_payload(plain, fields, original, words)
    if 'text' in words:
        need(words['text'].encode() in plain, 'not inside:', words['text'])
        need(words['text'].encode() not in copy, 'readable outside:', words['text'])
    return signer_of(status)


def check_clear(home, copy, original, words):
    fields, body = split(copy[int(words.get('trace', 0)):])
    sent, sent_body = split(original)
    need(body == sent_body, 'the body changed')
    need(fields == [(n, v) for n, v in sent if n.lower() not in ('bcc', 'resent-bcc')],
         'a field changed', fields)
    return None


def judge(home, copy, original, *rest):
    words = dict(word.partition('=')[::2] for word in rest)
    words['scratch'] = copy + '.sig'
    with open(copy, 'rb') as file:
        data = file.read()
    with open(original, 'rb') as file:
        sent = file.read()
    check_outside(data, sent, words)
    check = next(check for word, check in (('encrypted', check_encrypted),
                                           ('signed', check_signed), ('clear', check_clear))
                 if word in words)
    signer = check(home, data, sent, words)
    need((signer or '') == words.get('signer', ''), 'signed by', signer)


def main(home, first, *rest):
    jobs = [(first, *rest)]
    if not rest:
        with open(first, encoding='utf-8') as file:
            jobs = [line.split() for line in file]
    bad = 0
    for job in jobs:
        try:
            judge(home, *job)
        except Wrong as wrong:
            print(*job, wrong, sep=': ', file=sys.stderr)
            bad = 1
    return bad


if __name__ == '__main__':
    sys.exit(main(*sys.argv[1:]))
