#include "policy/job/open_replay.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/header.h>
#include <letterlock/mem.h>

/* What people and their clients act on. Not what a mailing list adds to a copy that
 * is else the same: Sender. */
static const char *const names[] = {
	"From", "Reply-To", "To", "Cc", "Subject", "Date", "Message-ID", "In-Reply-To",
	"References", "Followup-To", "Mail-Followup-To", "Mail-Reply-To",
	"Disposition-Notification-To",
};

/* Each field of that name: which of two is shown is the client's choice. */
static void put_fields(struct digest *digest, struct span fields, const char *name)
{
	struct header_field field;

	while (header_next(&fields, &field) == 1) {
		char *text;

		if (!span_is_nocase(field.name, name))
			continue;
		text = header_unfold(field.body);
		digest_put(digest, span_of(text, strlen(text) + 1));
		free(text);
	}
}

void open_replay_message(struct span fields, char id[DIGEST_HEX_SIZE])
{
	struct digest *digest = digest_new();

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		digest_put(digest, span_of(names[i], strlen(names[i]) + 1));
		put_fields(digest, fields, names[i]);
	}
	digest_end_hex(digest, id);
	digest_free(digest);
}

void open_replay_signature(const struct pgp_signature *signature, struct span text,
			   char id[DIGEST_HEX_SIZE])
{
	struct digest *digest = digest_new();
	char *head = mem_printf("%s %lld\n", signature->fingerprint, (long long)signature->made);

	digest_put(digest, span_str(head));
	digest_put(digest, text);
	digest_end_hex(digest, id);
	digest_free(digest);
	free(head);
}
