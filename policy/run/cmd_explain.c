#include <getopt.h>
#include <stdio.h>

#include "policy/job/plan.h"
#include "policy/keys/key_index.h"
#include "policy/run/cmd.h"
#include "policy/run/cmd_message.h"
#include "policy/run/table.h"

static const char usage[] = "letterlock explain [-c FILE] [--listener NAME] "
			    "[--client ADDRESS]\n       [--login LOGIN] --from ADDRESS "
			    "--to ADDRESS ... [--json] [MESSAGE]";

static const char *const head[] = { "recipient", "rule", "line", "action", "key",
				    "found", "signing-key", "reply" };

enum { COLUMNS = sizeof(head) / sizeof(*head) };

static const char *action_word(const struct plan *plan, const struct plan_row *row)
{
	switch (row->what) {
	case PLAN_WAIT:
		return "wait-for-message";
	case PLAN_UNKNOWN:
		return "unknown";
	case PLAN_REFUSE:
		return "refuse";
	case PLAN_PASS:
		if (client_crypto_encrypted(&plan->client))
			return "encrypted-by-client";
		return plan->client.kind == CLIENT_CRYPTO_SIGNED ? "signed-by-client" : "pass";
	case PLAN_SIGN:
		return "sign";
	case PLAN_ENCRYPT:
		return "encrypt";
	case PLAN_SIGN_ENCRYPT:
		return "sign+encrypt";
	}
	return NULL;
}

static void put_row(struct table *table, const struct plan *plan, const struct plan_row *row)
{
	bool decided = row->what != PLAN_WAIT;
	char line[16] = "", reply[512] = "";

	if (decided && row->decision.line)
		(void)snprintf(line, sizeof(line), "%u", row->decision.line);
	if (row->what == PLAN_UNKNOWN)
		(void)snprintf(reply, sizeof(reply), "%s", row->refused.text);
	else if (row->refused.code)
		(void)snprintf(reply, sizeof(reply), "%u %s %s", row->refused.code,
			       row->refused.status, row->refused.text);
	table_put(table, row->to);
	table_put(table, decided ? row->decision.rule : NULL);
	table_put(table, *line ? line : NULL);
	table_put(table, action_word(plan, row));
	table_put(table, row->key ? row->key->fingerprint : NULL);
	table_put(table, row->key ? "local" : row->why_no_key);
	table_put(table, plan_signs(row) ? plan->signer->fingerprint : NULL);
	table_put(table, *reply ? reply : NULL);
}

/* The exit status: 1 when a recipient is refused. */
static int show(const struct cmd_message *cmd)
{
	struct table table;
	struct plan plan;
	int status = 0;

	seal_plan(&cmd->parts, &cmd->ask, cmd->in, &plan);
	table_init(&table, head, COLUMNS);
	for (size_t i = 0; i < plan.n; i++) {
		put_row(&table, &plan, &plan.rows[i]);
		if (plan.rows[i].refused.code)
			status = 1;
	}
	if (cmd->json)
		table_print_json(&table, stdout);
	else
		table_print(&table, stdout);
	table_free(&table);
	plan_free(&plan);
	return status;
}

int cmd_explain(int argc, char **argv)
{
	struct cmd_message cmd = {
		.usage = usage,
		.in = -1,
		.ask = { .kind = ASK_SEAL, .output_max = UINT64_MAX,
			 .upstream_eight_bit = true, .upstream_smtputf8 = true },
	};
	int status = cmd_message_options(&cmd, false, argc, argv);

	if (status < 0 && argc - optind > 1)
		status = cmd_usage(usage);
	if (status < 0) {
		status = 1;
		if (cmd_message_prepare(&cmd) == 0 &&
		    (optind == argc || cmd_message_read(&cmd, argv[optind]) == 0))
			status = show(&cmd);
	}
	cmd_message_done(&cmd);
	return status;
}
