#include "policy/job/facts.h"

#include <stdlib.h>
#include <strings.h>

#include <letterlock/address.h>
#include <letterlock/buf.h>
#include <letterlock/encoded_word.h>
#include <letterlock/header.h>
#include <letterlock/mem.h>
#include <letterlock/utf8.h>

#include "policy/job/agreement.h"
#include "policy/job/decode.h"
#include "policy/job/embedded.h"
#include "policy/job/entity.h"
#include "policy/job/file_name.h"
#include "policy/job/message.h"
#include "policy/job/shown_text.h"

static void add_owned(struct strs *list, char *text)
{
	strs_add(list, span_str(text));
	free(text);
}

static void read_fields(struct span fields, const struct rule_needs *needs,
			struct message_facts *facts)
{
	struct header_field field;

	while (header_next(&fields, &field) == 1) {
		bool subject = span_is_nocase(field.name, "Subject"), exact = true;
		char *value;

		if (!subject && !needs->header)
			continue;
		value = encoded_word_decode(field.body, &exact);
		if (subject) {
			strs_add(&facts->subjects, span_trim(span_str(value)));
			facts->subject_exact &= exact;
		}
		if (needs->header) {
			strs_add(&facts->header_names, field.name);
			strs_add(&facts->header_values, span_trim(span_str(value)));
			if (!exact)
				strs_add(&facts->header_unsure, field.name);
		}
		free(value);
	}
}

/* Who the message says it is from. */
static void read_authors(struct span fields, struct message_facts *facts)
{
	struct header_field field;
	struct err err = { 0 };

	while (header_next(&fields, &field) == 1)
		if ((span_is_nocase(field.name, "From") || span_is_nocase(field.name, "Sender")) &&
		    address_list(field.body, &facts->authors, &err) < 0)
			facts->authors_unsure = true;
}

/* As they stand in the bytes, beside what GMime makes of them. */
static void add_raw_names(const struct entity *part, struct message_facts *facts)
{
	struct header_field field;
	struct content_type how;

	if (!file_name_read(&part->type, "name", &facts->attachments))
		facts->attachments_unsure = true;
	if (header_find(part->fields, "Content-Disposition", &field) == 0)
		return;
	if (content_type_parse(field.body, false, &how) < 0) {
		facts->attachments_unsure = true;
		return;
	}
	if (!file_name_read(&how, "filename", &facts->attachments))
		facts->attachments_unsure = true;
	content_type_free(&how);
}

/* What holds files, or stands for one, and tells their names to who reads it. */
static bool holds_files(const struct entity *part)
{
	static const char *const types[] = {
		"application/ms-tnef",	     "application/vnd.ms-tnef",
		"application/pkcs7-mime",    "application/x-pkcs7-mime",
		"application/pgp-encrypted", "application/mac-binhex40",
		"application/applefile",     "message/partial",
		"message/external-body",
	};

	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strcmp(entity_type(part), types[i]) == 0)
			return true;
	return false;
}

/* The octets of a text: those of the message itself where nothing encodes them. */
static struct span decoded_part(const struct entity *part, struct buf *room, bool *exact)
{
	if (part->encoding != ENTITY_BASE64 && part->encoding != ENTITY_QUOTED)
		return part->body;
	if (part->encoding == ENTITY_BASE64)
		decode_base64(part->body, decode_into_buf, room, exact);
	else
		decode_quoted(part->body, decode_into_buf, room, exact);
	return buf_span(room);
}

static bool labelled_text(const struct entity *part)
{
	return strncmp(entity_type(part), "text/", 5) == 0;
}

static enum shown_text_kind kind_of(const struct entity *part, const char *text)
{
	const char *format = content_type_param(&part->type, "format");
	const char *delsp = content_type_param(&part->type, "delsp");

	/* XHTML, SVG, a page that is attached: whatever the label */
	if (strcmp(entity_type(part), "text/html") == 0 ||
	    text[strspn(text, " \t\r\n")] == '<')
		return SHOWN_HTML;
	if (!format || strcasecmp(format, "flowed") != 0)
		return SHOWN_PLAIN;
	return delsp && strcasecmp(delsp, "yes") == 0 ? SHOWN_FLOWED_DELSP : SHOWN_FLOWED;
}

/* Where a reader is shown something else than what stands there, that, too. */
static void add_shown(const struct entity *part, const char *text, struct message_facts *facts)
{
	struct buf shown;

	buf_init(&shown, strlen(text) + 1);
	if (shown_text_put(span_str(text), kind_of(part, text), &shown) < 0)
		facts->parts_exact = false;
	if (!span_eq(buf_span(&shown), span_str(text)))
		add_owned(&facts->texts, buf_take_string(&shown));
	buf_free(&shown);
}

static void add_text(const struct entity *part, struct span octets, size_t *room,
		     struct message_facts *facts)
{
	const char *charset = content_type_param(&part->type, "charset");
	struct buf text;
	bool exact = true;

	if (!charset && !labelled_text(part))
		charset = "utf-8";
	buf_init(&text, *room);
	if (octets.len > *room ||
	    decode_charset(octets, charset, &text, &exact) < 0)
		exact = false;
	*room -= text.len;
	facts->parts_exact &= exact;
	add_owned(&facts->texts, buf_take_string(&text));
	add_shown(part, facts->texts.at[facts->texts.n - 1], facts);
}

/* Labelled as text, or UTF-8 without control characters under another label. */
static bool is_text(const struct entity *part, struct span octets)
{
	if (labelled_text(part))
		return true;
	for (size_t i = 0; i < octets.len; i++) {
		unsigned char c = (unsigned char)octets.at[i];

		if ((c < 0x20 && (c < '\t' || c > '\r')) || c == 0x7f)
			return false;
	}
	return utf8_valid(octets);
}

/* What holds no text that a pattern could be meant for. */
static bool is_picture(const struct entity *part)
{
	static const char *const types[] = { "image/", "audio/", "video/", "font/",
					     "application/pkcs7-signature",
					     "application/x-pkcs7-signature" };

	if (strncmp(entity_type(part), "image/svg", 9) == 0)
		return false;
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (strncmp(entity_type(part), types[i], strlen(types[i])) == 0)
			return true;
	return false;
}

/* Text that only its recipients, or whoever has the other pieces, can read. */
static bool is_sealed(const struct entity *part, struct span octets)
{
	static const char armor[] = "-----BEGIN PGP MESSAGE-----";
	const char *type = entity_type(part);

	return strcmp(type, "message/partial") == 0 ||
	       strcmp(type, "message/external-body") == 0 ||
	       memmem(octets.at, octets.len, armor, sizeof(armor) - 1);
}

/* A document that is written in text, and whose words need not stand there. */
static bool is_document(struct span octets)
{
	static const char *const begins[] = { "%PDF-", "%!PS", "{\\rtf" };

	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++)
		if (span_starts_nocase(span_trim(octets), begins[i]))
			return true;
	return false;
}

/* Files that stand among the lines of a text. */
static void look_for_files(struct span octets, const struct rule_needs *needs,
			   struct message_facts *facts)
{
	struct strs names = { 0 };

	if (embedded_find(octets, &names)) {
		facts->texts_unsure = true;
		facts->attachments_unsure |= names.n == 0;
	}
	for (size_t i = 0; needs->attachment && i < names.n; i++)
		file_name_add(span_str(names.at[i]), &facts->attachments);
	strs_free(&names);
}

/* Adds the text of a part, or the doubt whether there is one. What is over the
 * limit is not read. */
static void read_leaf(const struct entity *part, const struct rule_needs *needs, size_t *room,
		      struct message_facts *facts)
{
	struct buf decoded;
	bool exact = true;
	struct span octets;

	buf_init(&decoded, FACTS_TEXT_MAX + 1);
	octets = decoded_part(part, &decoded, &exact);
	if (is_text(part, octets)) {
		look_for_files(octets, needs, facts);
		if (needs->content) {
			facts->parts_exact &= exact;
			facts->texts_unsure |= is_sealed(part, octets) || is_document(octets);
			add_text(part, octets, room, facts);
		}
	} else {
		facts->texts_unsure |= !is_picture(part);
	}
	buf_free(&decoded);
}

static void read_parts(const struct message *m, const struct rule_needs *needs,
		       struct message_facts *facts)
{
	struct entity_tree tree;
	struct strs names = { 0 };
	size_t room = FACTS_TEXT_MAX;

	entity_read(m->fields, m->body, &tree);
	facts->parts_exact = agreement_on(m, &tree, &names);
	for (size_t i = 0; needs->attachment && i < names.n; i++)
		file_name_add(span_str(names.at[i]), &facts->attachments);
	strs_free(&names);
	for (size_t i = 0; i < tree.n; i++) {
		const struct entity *part = &tree.at[i];

		if (needs->attachment)
			add_raw_names(part, facts);
		facts->attachments_unsure |= holds_files(part);
		if (part->kind == ENTITY_LEAF && (needs->content || labelled_text(part)))
			read_leaf(part, needs, &room, facts);
	}
	entity_free(&tree);
}

void facts_read(const struct message *m, const struct rule_needs *needs,
		struct message_facts *facts)
{
	*facts = (struct message_facts){
		.size = m->client.len,
		.subject_exact = true,
		.parts_exact = true,
	};
	if (needs->authors)
		read_authors(m->fields, facts);
	if (needs->subject || needs->header)
		read_fields(m->fields, needs, facts);
	if (needs->attachment || needs->content)
		read_parts(m, needs, facts);
}

void facts_free(struct message_facts *facts)
{
	strs_free(&facts->subjects);
	strs_free(&facts->authors);
	strs_free(&facts->header_names);
	strs_free(&facts->header_values);
	strs_free(&facts->header_unsure);
	strs_free(&facts->attachments);
	strs_free(&facts->texts);
	*facts = (struct message_facts){ 0 };
}
