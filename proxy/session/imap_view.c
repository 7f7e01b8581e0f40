#include "proxy/session/imap_view.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

void imap_view_place(const struct imap_session *s, struct ask_place *place)
{
	*place = (struct ask_place){
		.upstream = mem_strdup(s->setup.listener->upstream->name),
		.uidvalidity = s->uidvalidity,
	};
	if (s->uidvalidity)
		place->mailbox = mem_strdup(s->mailbox);
	else
		place->mailbox = mem_printf("%s of session %016llx.%u", s->mailbox,
					    (unsigned long long)s->setup.id,
					    s->selections);
}

void imap_view_ask(struct imap_session *s, enum ask_kind kind,
		   const uint32_t *uids, size_t n, const struct spool *stored,
		   policy_answered *answered)
{
	struct ask ask = { .kind = kind };
	char name[16];

	ask.envelope.listener = mem_strdup(s->setup.listener->name);
	ask.envelope.login = mem_strdup(imap_state_login(s));
	ask.envelope.client = mem_strdup(conn_peer(s->client));
	imap_view_place(s, &ask.place);
	for (size_t i = 0; i < n; i++) {
		(void)snprintf(name, sizeof(name), "%u", uids[i]);
		strs_add(&ask.place.names, span_str(name));
	}
	ask.message_size = stored ? spool_size(stored) : 0;
	imap_state_ask(s, &ask, stored ? spool_descriptor(stored) : -1, answered);
	ask_free(&ask);
}

/* Nobody can shorten it under us from now on. */
static bool lasting(int fd, uint64_t size)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;

	if (seals < 0 || (!(seals & F_SEAL_SHRINK) &&
			  fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0))
		return false;
	return fstat(fd, &status) == 0 && (uint64_t)status.st_size >= size;
}

static int map(struct imap_session *s, struct imap_view *view, uint64_t size,
	       int fd)
{
	if (fd < 0 || !size || size > SIZE_MAX || !lasting(fd, size)) {
		log_error(&s->log, "policy engine's answer holds no shapes", NULL);
		return -1;
	}
	if (!spool_budget_take(s->setup.budget, size)) {
		log_warning(&s->log, "view refused", "reason=\"the spool is full\" "
			    "bytes=%llu", (unsigned long long)size);
		return -1;
	}
	view->at = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	if (view->at != MAP_FAILED) {
		view->size = (size_t)size;
		return 0;
	}
	view->at = NULL;
	spool_budget_give(s->setup.budget, size);
	log_error(&s->log, "view not mapped", "bytes=%llu",
		  (unsigned long long)size);
	return -1;
}

int imap_view_take(struct imap_session *s, struct imap_view *view,
		   const struct answer *answer, int passed)
{
	/* neither passes INT64_MAX: answer_decode() has seen to it */
	uint64_t size = answer->shapes_size + answer->view_size;
	int ret;

	imap_view_drop(s, view);
	ret = map(s, view, size, passed);
	if (ret == 0) {
		view->entries = span_of(view->at, (size_t)answer->shapes_size);
		view->bytes = span_of(view->entries.at + view->entries.len,
				      (size_t)answer->view_size);
	}
	if (passed >= 0)
		(void)close(passed);
	return ret;
}

void imap_view_drop(struct imap_session *s, struct imap_view *view)
{
	if (view->at) {
		(void)munmap(view->at, view->size);
		spool_budget_give(s->setup.budget, view->size);
	}
	*view = (struct imap_view){ 0 };
}
