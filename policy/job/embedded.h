/*
 * embedded - files that stand in a text as they did before MIME, which clients
 * still show as attachments: uuencode, yEnc, BinHex. Pure.
 */
#ifndef LETTERLOCK_EMBEDDED_H
#define LETTERLOCK_EMBEDDED_H

#include <stdbool.h>

#include <letterlock/strs.h>

/*
 * True when a line of `text` begins one; its name, where the line says it, is
 * appended to `names`.
 */
bool embedded_find(struct span text, struct strs *names);

#endif
