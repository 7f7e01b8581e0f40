/*
 * table - what subcommands print: columns under a head for people, or JSON whose
 * keys are the words of the head.
 */
#ifndef LETTERLOCK_TABLE_H
#define LETTERLOCK_TABLE_H

#include <stdio.h>

#include <letterlock/strs.h>

struct table {
	const char *const *head;	/* borrowed; one word a column */
	size_t columns;
	struct strs cells;		/* row by row */
	bool *missing;			/* which of them are not there */
};

void table_init(struct table *table, const char *const *head, size_t columns);
void table_free(struct table *table);

/* The next cell, row by row. NULL is shown as `-`, and as null. */
void table_put(struct table *table, const char *cell);

/* The table for people; the last column is as wide as it is. */
void table_print(const struct table *table, FILE *out);

/* A JSON array with one object a row; all values are strings or null. */
void table_print_json(const struct table *table, FILE *out);

#endif
