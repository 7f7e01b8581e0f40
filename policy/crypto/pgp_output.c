#include "policy/crypto/pgp_output.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include <gpgme.h>

#include <letterlock/mem.h>

#include "policy/crypto/openpgp_enarmor.h"
#include "policy/crypto/pgp_context.h"

enum {
	PIECE = 12 * 1024,	/* octets that are armoured at once */
	/* where they fit, and the begin or the end */
	TEXT = (PIECE / OPENPGP_ENARMOR_LINE + 1) * 66 + OPENPGP_ENARMOR_EDGE,
};

struct pgp_output {
	int fd;
	gpgme_data_t data;
	bool begun;
	struct openpgp_enarmor armor;
	char text[TEXT];
};

static int write_all(int fd, struct span text)
{
	while (text.len > 0) {
		ssize_t n = write(fd, text.at, text.len);

		if (n < 0 && errno != EINTR)
			return -1;
		text = span_skip(text, n > 0 ? (size_t)n : 0);
	}
	return 0;
}

/* GPGME's gpgme_data_write_cb_t: as many octets as it took, or -1 and errno. */
static ssize_t take(void *handle, const void *octets, size_t len)
{
	struct pgp_output *output = handle;
	size_t n = len < PIECE ? len : PIECE, edge = 0;

	if (!output->begun)
		edge = openpgp_enarmor_begin(&output->armor, output->text);
	output->begun = true;
	edge += openpgp_enarmor_put(&output->armor, span_of(octets, n), output->text + edge);
	return write_all(output->fd, span_of(output->text, edge)) < 0 ? -1 : (ssize_t)n;
}

struct pgp_output *pgp_output_new(int fd, const char *label, struct err *err)
{
	static const struct gpgme_data_cbs callbacks = { .write = take };
	struct pgp_output *output = mem_new(sizeof(*output));
	gpgme_error_t code;

	output->fd = fd;
	openpgp_enarmor_init(&output->armor, label);
	/* GPGME does not write to it */
	code = gpgme_data_new_from_cbs(&output->data, (struct gpgme_data_cbs *)&callbacks, output);
	if (code) {
		pgp_context_error(code, "output of gpg", err);
		pgp_output_free(output);
		return NULL;
	}
	pgp_context_in_large_steps(output->data);
	return output;
}

void pgp_output_free(struct pgp_output *output)
{
	if (!output)
		return;
	gpgme_data_release(output->data);
	free(output);
}

struct gpgme_data *pgp_output_data(struct pgp_output *output)
{
	return output->data;
}

int pgp_output_end(struct pgp_output *output, struct err *err)
{
	size_t n;

	if (!output->begun)
		return err_set(err, ERR_TEMP, "gpg wrote nothing");
	n = openpgp_enarmor_end(&output->armor, output->text);
	if (write_all(output->fd, span_of(output->text, n)) < 0)
		return err_errno(err, ERR_TEMP, errno, "writing what gpg made");
	return 0;
}
