"""imap_eyes - reads a mailbox twice over, in several sessions at once."""

import imaplib
import threading
import time


SESSIONS = 8  # one alone waits for each answer, and leaves the machine idle


def look(address, port, user, password, mailbox, count):
    """(messages a second at first sight, at second sight)"""
    def share(numbers, errors):
        with imaplib.IMAP4(address, port) as c:
            c.login(user, password)
            c.select(mailbox, readonly=True)
            for n in numbers:
                kind, got = c.fetch(str(n), "(BODY.PEEK[])")
                if kind != "OK" or b"decrypted;" not in got[0][1][:2000]:
                    errors.append((n, kind, got))

    rates = []
    for _ in range(2):
        errors, began = [], time.monotonic()
        threads = [threading.Thread(target=share,
                                    args=(range(i + 1, count + 1, SESSIONS), errors))
                   for i in range(SESSIONS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        if errors:
            raise RuntimeError(f"not read: {errors[:2]}")
        rates.append(count / (time.monotonic() - began))
    return rates
