#include <stdlib.h>

#include <letterlock/envelope.h>

void envelope_free(struct envelope *envelope)
{
	free(envelope->listener);
	free(envelope->login);
	free(envelope->client);
	free(envelope->sender);
	strs_free(&envelope->to);
	*envelope = (struct envelope){ 0 };
}
