#include "policy/rules/rule_match.h"

#include <stdlib.h>
#include <string.h>

#include <letterlock/address.h>
#include <letterlock/glob.h>

#include "policy/rules/idn.h"
#include "policy/rules/rule_set.h"

/* What one condition, or a rule, says. */
enum holds {
	HOLDS_NO,
	HOLDS_YES,
	HOLDS_UNSURE,	/* it looks at what could not be read exactly */
};

/* The ways to write an address, none of which may pass a rule by. */
struct forms {
	const char *given;
	char *normal;	/* "bob"@x is bob@x */
	char *letters;	/* with the letters that A-labels stand for, or NULL */
	struct strs routes;	/* where it may be sent on to, each like these */
};

/* What conditions compare with, once for all rules. */
struct view {
	const struct rules *rules;
	const struct facts *facts;
	struct forms from, to;
};

static struct forms forms_of(const char *given)
{
	struct forms forms = { .given = given };

	if (!given)
		return forms;
	forms.normal = address_normal(span_str(given));
	forms.letters = idn_letters(span_str(forms.normal));
	address_routes(span_str(forms.normal), &forms.routes);
	return forms;
}

static void forms_free(struct forms *forms)
{
	free(forms->normal);
	free(forms->letters);
	strs_free(&forms->routes);
}

static bool list_holds(const struct match_list *list, const char *value)
{
	return !list->given ||
	       (value && match_list_has(list, span_str(value)));
}

static bool address_holds(const struct match_list *list,
			  const struct forms *forms)
{
	return list_holds(list, forms->normal) ||
	       list_holds(list, forms->given) ||
	       list_holds(list, forms->letters);
}

static bool protects(const struct rule *rule)
{
	return rule->encrypt == ENCRYPT_REQUIRE || rule->action == ACTION_REJECT;
}

static bool route_holds(const struct match_list *list, const char *hop)
{
	char *letters = idn_letters(span_str(hop));
	bool holds = list_holds(list, hop) || list_holds(list, letters);

	free(letters);
	return holds;
}

/* The recipient; in a rule that protects, wherever a server may send it on. */
static bool recipient_holds(const struct rule *rule, const struct forms *to)
{
	bool holds = address_holds(&rule->to, to);

	for (size_t i = 0; !holds && protects(rule) && i < to->routes.n; i++)
		holds = route_holds(&rule->to, to->routes.at[i]);
	return holds;
}

static bool client_holds(const struct rule_clients *clients, const char *client)
{
	for (size_t i = 0; client && i < clients->n; i++)
		if (cidr_has(&clients->at[i], client))
			return true;
	return clients->n == 0;
}

static bool key_holds(enum rule_key key, bool found)
{
	return key == RULE_KEY_ANY || (key == RULE_KEY_FOUND) == found;
}

/* All conditions that need no message. */
static bool envelope_holds(const struct rule *rule, const struct view *view)
{
	const struct facts *facts = view->facts;

	return (rule->directions >> facts->direction & 1) &&
	       (facts->any_listener || list_holds(&rule->listener, facts->listener)) &&
	       list_holds(&rule->login, facts->login) &&
	       (facts->any_client || client_holds(&rule->client, facts->client)) &&
	       recipient_holds(rule, &view->to) &&
	       key_holds(rule->key, facts->key_found);
}

static bool author_holds(const struct match_list *list, const char *author)
{
	struct forms forms = forms_of(author);
	bool holds = address_holds(list, &forms);

	forms_free(&forms);
	return holds;
}

static bool some_author_holds(const struct match_list *list, const struct strs *authors)
{
	for (size_t i = 0; authors && i < authors->n; i++)
		if (author_holds(list, authors->at[i]))
			return true;
	return false;
}

/* The envelope sender, or one whom the message names as its author: a null
 * sender must not lead a message past a rule for who wrote it. */
static enum holds from_holds(const struct match_list *list, const struct view *view)
{
	const struct facts *facts = view->facts;
	const struct message_facts *message = facts->message;

	if (address_holds(list, &view->from))
		return HOLDS_YES;
	if (message && some_author_holds(list, &message->authors))
		return HOLDS_YES;
	if (message)
		return message->authors_unsure ? HOLDS_UNSURE : HOLDS_NO;
	return facts->any_author || some_author_holds(list, facts->own) ? HOLDS_UNSURE
									 : HOLDS_NO;
}

static bool looks_at_message(const struct rule *rule)
{
	return rule->subject.n > 0 || rule->header.n > 0 ||
	       rule->size.test != RULE_SIZE_ANY || rule->attachment.given ||
	       rule->content.n > 0 || rule->answers;
}

/* The glob that matches one of the subjects, or NULL. */
static const char *subject_glob(const struct rule *rule,
				const struct message_facts *message)
{
	for (size_t g = 0; g < rule->subject.n; g++)
		for (size_t i = 0; i < message->subjects.n; i++)
			if (glob_match(span_str(rule->subject.at[g]),
				       span_str(message->subjects.at[i])))
				return rule->subject.at[g];
	return NULL;
}

static enum holds subject_holds(const struct rule *rule,
				const struct message_facts *message)
{
	if (rule->subject.n == 0)
		return HOLDS_YES;
	if (!message->subject_exact)
		return HOLDS_UNSURE;
	return subject_glob(rule, message) ? HOLDS_YES : HOLDS_NO;
}

static bool one_header_holds(const struct rule_header *header,
			     const struct message_facts *message)
{
	struct span name = span_str(header->name), glob = span_str(header->glob);
	size_t n = message->header_names.n;

	if (n > message->header_values.n)
		n = message->header_values.n;
	for (size_t i = 0; i < n; i++)
		if (span_is_nocase(name, message->header_names.at[i]) &&
		    glob_match(glob, span_str(message->header_values.at[i])))
			return true;
	return false;
}

/* Whether a field of this name could say more than was read of it. */
static bool header_unsure(const struct rule_header *header, const struct message_facts *message)
{
	if (!message->subject_exact && span_is_nocase(span_str(header->name), "Subject"))
		return true;
	return strs_has_nocase(&message->header_unsure, span_str(header->name));
}

static enum holds header_holds(const struct rule *rule,
			       const struct message_facts *message)
{
	enum holds holds = rule->header.n == 0 ? HOLDS_YES : HOLDS_NO;

	for (size_t i = 0; i < rule->header.n; i++) {
		const struct rule_header *header = &rule->header.at[i];

		if (header_unsure(header, message)) {
			if (holds == HOLDS_NO)
				holds = HOLDS_UNSURE;
		} else if (one_header_holds(header, message)) {
			holds = HOLDS_YES;
		}
	}
	return holds;
}

static enum holds size_holds(const struct rule_size *size, uint64_t bytes)
{
	if (size->test == RULE_SIZE_ABOVE)
		return bytes > size->bytes ? HOLDS_YES : HOLDS_NO;
	if (size->test == RULE_SIZE_BELOW)
		return bytes < size->bytes ? HOLDS_YES : HOLDS_NO;
	return HOLDS_YES;
}

static enum holds attachment_holds(const struct rule *rule,
				   const struct message_facts *message)
{
	if (!rule->attachment.given)
		return HOLDS_YES;
	if (!message->parts_exact)
		return HOLDS_UNSURE;
	for (size_t i = 0; i < message->attachments.n; i++)
		if (match_list_has(&rule->attachment,
				   span_str(message->attachments.at[i])))
			return HOLDS_YES;
	return message->attachments_unsure ? HOLDS_UNSURE : HOLDS_NO;
}

static enum holds answers_holds(const struct rule *rule, const struct message_facts *message)
{
	if (!rule->answers || message->answers)
		return HOLDS_YES;
	return message->answers_unsure ? HOLDS_UNSURE : HOLDS_NO;
}

static enum holds look_at_content(const struct rule *rule,
				  const struct message_facts *message)
{
	enum holds holds = message->texts_unsure ? HOLDS_UNSURE : HOLDS_NO;

	if (rule->content.n == 0)
		return HOLDS_YES;
	if (!message->parts_exact)
		return HOLDS_UNSURE;
	for (size_t p = 0; p < rule->content.n; p++)
		for (size_t i = 0; i < message->texts.n; i++) {
			enum pattern_result result =
				pattern_look(rule->content.at[p],
					     span_str(message->texts.at[i]));

			if (result == PATTERN_FOUND)
				return HOLDS_YES;
			if (result == PATTERN_UNSURE)
				holds = HOLDS_UNSURE;
		}
	return holds;
}

/* Once a message, whoever it is for: texts are long, and lists of recipients. */
static enum holds content_holds(const struct rule *rule, const struct view *view)
{
	unsigned char *seen = view->facts->content_seen;
	size_t i = (size_t)(rule - view->rules->at);
	enum holds holds;

	if (seen && seen[i])
		return (enum holds)(seen[i] - 1);
	holds = look_at_content(rule, view->facts->message);
	if (seen)
		seen[i] = (unsigned char)(holds + 1);
	return holds;
}

/* All conditions on the message: no if one says no, else unsure if one is. */
static enum holds message_holds(const struct rule *rule, const struct view *view)
{
	const struct message_facts *message = view->facts->message;
	enum holds each[5] = {
		size_holds(&rule->size, message->size),
		subject_holds(rule, message),
		header_holds(rule, message),
		attachment_holds(rule, message),
		answers_holds(rule, message),
	};
	enum holds all = HOLDS_YES, content;

	for (size_t i = 0; i < 5; i++) {
		if (each[i] == HOLDS_NO)
			return HOLDS_NO;
		if (each[i] == HOLDS_UNSURE)
			all = HOLDS_UNSURE;
	}
	content = content_holds(rule, view);	/* the dear one comes last */
	return content == HOLDS_YES ? all : content;
}

static void decide_default(enum direction direction, struct decision *decision)
{
	static const struct strs none;

	*decision = (struct decision){
		.rule = "default",
		.action = ACTION_ACCEPT,
		.encrypt = direction == DIRECTION_INBOUND ? ENCRYPT_NO
							  : ENCRYPT_PREFER,
		.sign = SIGN_NO,
		.protect_subject = true,
		.also_encrypt_to = &none,
		.add_header = &none,
	};
}

static void decide(const struct rules *rules, const struct rule *rule,
		   const struct message_facts *message,
		   struct decision *decision)
{
	*decision = (struct decision){
		.rule = rule->name,
		.file = rules->file,
		.line = rule->line,
		.action = rule->action,
		.reply = rule->reply,
		.encrypt = rule->encrypt,
		.sign = rule->sign,
		.protect_subject = rule->protect_subject,
		.strip_tag = rule->strip_tag,
		.subject_glob = message ? subject_glob(rule, message) : NULL,
		.also_encrypt_to = &rule->also_encrypt_to,
		.add_header = &rule->add_header,
	};
}

/* Whether `rule` decides, or would have to see the message first. */
static enum holds rule_holds(const struct rule *rule, const struct view *view)
{
	const struct message_facts *message = view->facts->message;
	enum holds holds, from;

	if (!envelope_holds(rule, view))
		return HOLDS_NO;
	from = from_holds(&rule->from, view);
	if (from == HOLDS_NO)
		return HOLDS_NO;
	if (!message)
		return looks_at_message(rule) ? HOLDS_UNSURE : from;
	holds = looks_at_message(rule) ? message_holds(rule, view) : HOLDS_YES;
	if (holds == HOLDS_YES)
		holds = from;
	if (holds == HOLDS_UNSURE)
		return protects(rule) ? HOLDS_YES : HOLDS_NO;
	return holds;
}

/* What `rule`, which holds so far, says; or what has to be said first. */
static enum rule_result conclude(const struct rules *rules, const struct rule *rule,
				 const struct facts *facts, enum holds holds,
				 struct decision *decision)
{
	bool asks_listener = facts->any_listener && rule->listener.given;
	bool asks_client = facts->any_client && rule->client.n > 0;

	if (!asks_listener && !asks_client && holds == HOLDS_UNSURE)
		return RULE_NEEDS_MESSAGE;
	decide(rules, rule, facts->message, decision);
	decision->asks_listener = asks_listener;
	decision->asks_client = asks_client;
	return asks_listener || asks_client ? RULE_NEEDS_ENVELOPE : RULE_DECIDED;
}

enum rule_result rule_match(const struct rules *rules,
			    const struct facts *facts,
			    struct decision *decision)
{
	struct view view = {
		.rules = rules,
		.facts = facts,
		.from = forms_of(facts->from),
		.to = forms_of(facts->to),
	};
	enum holds holds = HOLDS_NO;
	size_t i = 0;

	decide_default(facts->direction, decision);
	while (i < rules->n) {
		holds = rule_holds(&rules->at[i], &view);
		if (holds != HOLDS_NO)
			break;
		i++;
	}
	forms_free(&view.from);
	forms_free(&view.to);
	if (holds == HOLDS_NO)
		return RULE_DECIDED;
	return conclude(rules, &rules->at[i], facts, holds, decision);
}

size_t rule_match_count(const struct rules *rules)
{
	return rules->n;
}

void rule_match_nth(const struct rules *rules, size_t i,
		    struct decision *decision)
{
	decide(rules, &rules->at[i], NULL, decision);
}

void rules_extra_keys(const struct rules *rules, struct strs *list)
{
	for (size_t i = 0; i < rules->n; i++) {
		const struct strs *keys = &rules->at[i].also_encrypt_to;

		for (size_t k = 0; k < keys->n; k++)
			if (!strs_has_nocase(list, span_str(keys->at[k])))
				strs_add(list, span_str(keys->at[k]));
	}
}

void rule_match_needs(const struct rules *rules, enum direction direction,
		      struct rule_needs *needs)
{
	*needs = (struct rule_needs){ 0 };
	for (size_t i = 0; i < rules->n; i++) {
		const struct rule *rule = &rules->at[i];

		if (!(rule->directions >> direction & 1))
			continue;
		needs->authors |= rule->from.given;
		needs->subject |= rule->subject.n > 0;
		needs->header |= rule->header.n > 0;
		needs->attachment |= rule->attachment.given;
		needs->content |= rule->content.n > 0;
		needs->answers |= rule->answers;
	}
}
