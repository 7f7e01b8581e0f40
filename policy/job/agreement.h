/*
 * agreement - asks GMime whether it sees the same parts as `entity` does. Where
 * two readers disagree, who knows what the recipient's client sees: rules then
 * fail closed, and nothing is taken apart to be signed.
 */
#ifndef LETTERLOCK_AGREEMENT_H
#define LETTERLOCK_AGREEMENT_H

#include <stdbool.h>

struct entity_tree;
struct message;
struct strs;

/*
 * True when `tree`, read from `message`, is exact and GMime sees the same
 * leaves in the same places. The file names that GMime decoded are then
 * appended to `names` (unless that is NULL).
 */
bool agreement_on(const struct message *message, const struct entity_tree *tree,
		  struct strs *names);

#endif
