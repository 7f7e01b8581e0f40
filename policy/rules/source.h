/*
 * source - where the configuration's files, and the few facts about the
 * system that its defaults need, come from: the disk, the master's snapshot
 * (for its children), or strings (for tests). The rooms that read the
 * configuration ask nothing else, so the same source gives the same result.
 */
#ifndef LETTERLOCK_SOURCE_H
#define LETTERLOCK_SOURCE_H

#include <letterlock/buf.h>
#include <letterlock/err.h>

enum {
	/* No file of the configuration is larger. */
	SOURCE_FILE_MAX = 16 * 1024 * 1024,
};

enum source_result {
	SOURCE_MISSING = -2,	/* there is no such file; `err` says so */
	SOURCE_FAILED = -1,	/* `err` says why */
	SOURCE_READ = 0,
	SOURCE_WITHHELD = 1,	/* it is there, but not for this process */
};

/* What the system says of itself. Zeroed: "localhost", 1, "/", and a
 * runtime directory beside the state. */
struct source_host {
	const char *hostname;
	unsigned cores;
	const char *directory;		/* absolute: where a relative path begins */
	const char *runtime_dir;	/* default for [gateway] runtime-dir */
};

struct source {
	/* Appends the file's bytes to `out` (whose limit holds). `path` is
	 * absolute. Returns an enum source_result. */
	int (*read)(void *data, const char *path, struct buf *out,
		    struct err *err);
	void *data;
	struct source_host host;
};

/*
 * `path` as an absolute one: itself, or behind `directory` (NULL: "/"), with
 * leading "./" dropped. The caller frees it.
 */
char *source_path(const char *directory, const char *path);

/* The directory part of `path` ("." without a slash); the caller frees it. */
char *source_directory(const char *path);

#endif
