#include "proxy/session/view_map.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proxy/session/spool.h"

/* Nobody can shorten it under us from now on. */
static bool lasting(int fd, uint64_t size)
{
	int seals = fcntl(fd, F_GET_SEALS);
	struct stat status;

	if (seals < 0 ||
	    (!(seals & F_SEAL_SHRINK) && fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK) < 0))
		return false;
	return fstat(fd, &status) == 0 && (uint64_t)status.st_size >= size;
}

static enum view_map_result map(struct view_map *view, struct spool_budget *budget,
				const struct log *log, const struct answer *answer, int fd)
{
	/* neither passes INT64_MAX: answer_decode() has seen to it */
	uint64_t size = answer->shapes_size + answer->view_size;

	if (fd < 0 || !size || size > SIZE_MAX || !lasting(fd, size)) {
		log_error(log, "policy engine's answer holds no shapes", NULL);
		return VIEW_MAP_BAD;
	}
	if (!spool_budget_take(budget, size)) {
		log_warning(log, "view refused", "reason=\"the spool is full\" bytes=%llu",
			    (unsigned long long)size);
		return VIEW_MAP_FULL;
	}
	view->at = mmap(NULL, (size_t)size, PROT_READ, MAP_SHARED, fd, 0);
	if (view->at != MAP_FAILED) {
		view->size = (size_t)size;
		return VIEW_MAP_TAKEN;
	}
	view->at = NULL;
	spool_budget_give(budget, size);
	log_error(log, "view not mapped", "bytes=%llu", (unsigned long long)size);
	return VIEW_MAP_BAD;
}

enum view_map_result view_map_take(struct view_map *view, struct spool_budget *budget,
				   const struct log *log, const struct answer *answer, int passed)
{
	enum view_map_result result;

	view_map_drop(view, budget);
	result = map(view, budget, log, answer, passed);
	if (result == VIEW_MAP_TAKEN) {
		view->entries = span_of(view->at, (size_t)answer->shapes_size);
		view->bytes = span_of(view->entries.at + view->entries.len,
				      (size_t)answer->view_size);
	}
	if (passed >= 0)
		(void)close(passed);
	return result;
}

void view_map_drop(struct view_map *view, struct spool_budget *budget)
{
	if (view->at) {
		(void)munmap(view->at, view->size);
		spool_budget_give(budget, view->size);
	}
	*view = (struct view_map){ 0 };
}
