#include "policy/run/snapshot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <letterlock/mem.h>

#include "policy/run/source_disk.h"

static const char magic[8] = "LLconf1";

enum {
	SNAPSHOT_MAX = 1024 * 1024 * 1024,
	TEXT_NONE = UINT32_MAX,		/* the length of a NULL string */
};

struct file {
	char *path;
	int result;		/* enum source_result */
	char *why;		/* the error's text, or NULL */
	struct buf bytes;
};

struct snapshot {
	bool disk;		/* what is not here is read there */
	struct source_host host;
	struct file *files;
	size_t n;
};

static struct file *add_file(struct snapshot *snapshot, const char *path)
{
	struct file *file;

	snapshot->files = mem_one_more(snapshot->files, snapshot->n, sizeof(*snapshot->files));
	file = &snapshot->files[snapshot->n++];
	*file = (struct file){ .path = mem_strdup(path) };
	buf_init(&file->bytes, SOURCE_FILE_MAX + 1024 * 1024);
	return file;
}

static const struct file *find(const struct snapshot *snapshot,
			       const char *path)
{
	for (size_t i = 0; i < snapshot->n; i++)
		if (strcmp(snapshot->files[i].path, path) == 0)
			return &snapshot->files[i];
	return NULL;
}

static const struct file *read_disk(struct snapshot *snapshot, const char *path)
{
	struct file *file = add_file(snapshot, path);
	struct err err = { 0 };

	file->result = source_disk_read(path, &file->bytes, &err);
	if (file->result < 0)
		file->why = mem_strdup(err.text);
	return file;
}

static int read_file(void *data, const char *path, struct buf *out,
		     struct err *err)
{
	struct snapshot *snapshot = data;
	const struct file *file = find(snapshot, path);

	if (!file && snapshot->disk)
		file = read_disk(snapshot, path);
	if (!file) {
		err_set(err, ERR_CONF, "%s is not in the snapshot", path);
		return SOURCE_MISSING;
	}
	if (file->result < 0) {
		err_set(err, ERR_CONF, "%s", file->why ? file->why : "cannot be read");
		return file->result;
	}
	if (buf_put(out, buf_span(&file->bytes)) < 0)
		return err_set(err, ERR_CONF, "%s is too large", path);
	return file->result;
}

struct snapshot *snapshot_new(void)
{
	struct snapshot *snapshot = mem_new(sizeof(*snapshot));

	snapshot->disk = true;
	source_disk_host(&snapshot->host);
	return snapshot;
}

void snapshot_free(struct snapshot *snapshot)
{
	if (!snapshot)
		return;
	for (size_t i = 0; i < snapshot->n; i++) {
		buf_wipe(&snapshot->files[i].bytes);
		free(snapshot->files[i].path);
		free(snapshot->files[i].why);
	}
	free(snapshot->files);
	source_disk_host_free(&snapshot->host);
	free(snapshot);
}

struct source snapshot_source(struct snapshot *snapshot)
{
	return (struct source){ .read = read_file, .data = snapshot,
				.host = snapshot->host };
}

const char *snapshot_path(const struct snapshot *snapshot, size_t i)
{
	for (size_t k = 0; k < snapshot->n; k++)
		if (snapshot->files[k].result == SOURCE_READ && i-- == 0)
			return snapshot->files[k].path;
	return NULL;
}

static int put_number(struct buf *out, uint32_t number)
{
	return buf_put(out, span_of((const char *)&number, sizeof(number)));
}

static int put_bytes(struct buf *out, struct span bytes)
{
	if (put_number(out, (uint32_t)bytes.len) < 0)
		return -1;
	return buf_put(out, bytes);
}

static int put_text(struct buf *out, const char *text)
{
	return text ? put_bytes(out, span_str(text)) : put_number(out, TEXT_NONE);
}

static bool is_private(const struct settings *settings, const char *path)
{
	for (size_t i = 0; i < settings->listeners_n; i++) {
		const char *key = settings->listeners[i].private_key;

		if (key && strcmp(key, path) == 0)
			return true;
	}
	return false;
}

static int put_file(struct buf *out, const struct file *file, bool withheld)
{
	struct span bytes = withheld ? span_of("", 0) : buf_span(&file->bytes);
	int result = withheld && file->result == SOURCE_READ ? SOURCE_WITHHELD
							     : file->result;

	if (put_text(out, file->path) < 0 || put_text(out, file->why) < 0 ||
	    put_number(out, (uint32_t)result) < 0)
		return -1;
	return put_bytes(out, bytes);
}

static int put_all(struct buf *out, const struct snapshot *snapshot,
		   const struct settings *settings, bool private_keys)
{
	const struct source_host *host = &snapshot->host;

	if (buf_put(out, span_of(magic, sizeof(magic))) < 0 ||
	    put_number(out, host->cores) < 0 || put_text(out, host->hostname) < 0 ||
	    put_text(out, host->directory) < 0 ||
	    put_text(out, host->runtime_dir) < 0 ||
	    put_number(out, (uint32_t)snapshot->n) < 0)
		return -1;
	for (size_t i = 0; i < snapshot->n; i++) {
		const struct file *file = &snapshot->files[i];
		bool withheld = !private_keys && is_private(settings, file->path);

		if (put_file(out, file, withheld) < 0)
			return -1;
	}
	return 0;
}

static int write_all(int fd, struct span bytes, struct err *err)
{
	while (bytes.len > 0) {
		ssize_t n = write(fd, bytes.at, bytes.len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return err_errno(err, ERR_TEMP, errno, "writing the configuration's "
					 "snapshot");
		bytes = span_skip(bytes, (size_t)n);
	}
	return 0;
}

int snapshot_write(const struct snapshot *snapshot,
		   const struct settings *settings, bool private_keys, int fd,
		   struct err *err)
{
	struct buf out;
	int ret;

	buf_init(&out, SNAPSHOT_MAX);
	ret = put_all(&out, snapshot, settings, private_keys);
	if (ret < 0)
		err_set(err, ERR_CONF, "the files of the configuration are too large together");
	else
		ret = write_all(fd, buf_span(&out), err);
	buf_wipe(&out);
	return ret;
}

static bool take_number(struct span *in, uint32_t *number)
{
	if (in->len < sizeof(*number))
		return false;
	memcpy(number, in->at, sizeof(*number));
	*in = span_skip(*in, sizeof(*number));
	return true;
}

static bool take_bytes(struct span *in, struct span *bytes, bool *none)
{
	uint32_t len;

	*none = false;
	*bytes = span_of("", 0);
	if (!take_number(in, &len))
		return false;
	if (len == TEXT_NONE) {
		*none = true;
		return true;
	}
	if (len > in->len)
		return false;
	*bytes = span_of(in->at, len);
	*in = span_skip(*in, len);
	return true;
}

static bool take_text(struct span *in, char **text)
{
	struct span bytes;
	bool none;

	if (!take_bytes(in, &bytes, &none))
		return false;
	*text = none ? NULL : span_dup(bytes);
	return true;
}

static bool take_file(struct span *in, struct snapshot *snapshot)
{
	struct file *file;
	struct span bytes;
	uint32_t result;
	char *path = NULL;
	bool none;

	if (!take_text(in, &path) || !path)
		return false;
	file = add_file(snapshot, path);
	free(path);
	if (!take_text(in, &file->why) || !take_number(in, &result) ||
	    !take_bytes(in, &bytes, &none))
		return false;
	file->result = (int)result;
	return buf_put(&file->bytes, bytes) == 0;
}

static bool take_all(struct span in, struct snapshot *snapshot)
{
	char **texts[] = { (char **)&snapshot->host.hostname,
			   (char **)&snapshot->host.directory,
			   (char **)&snapshot->host.runtime_dir };
	uint32_t n;

	if (in.len < sizeof(magic) || memcmp(in.at, magic, sizeof(magic)) != 0)
		return false;
	in = span_skip(in, sizeof(magic));
	if (!take_number(&in, &snapshot->host.cores))
		return false;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++)
		if (!take_text(&in, texts[i]))
			return false;
	if (!take_number(&in, &n))
		return false;
	for (uint32_t i = 0; i < n; i++)
		if (!take_file(&in, snapshot))
			return false;
	return in.len == 0;
}

/* All of `fd` from its start. */
static int read_all(int fd, struct buf *bytes, struct err *err)
{
	struct stat status;
	char *at;
	size_t len = 0;

	if (fstat(fd, &status) < 0)
		return err_errno(err, ERR_BUG, errno, "reading the configuration's snapshot");
	at = status.st_size > 0 ? buf_reserve(bytes, (size_t)status.st_size) : NULL;
	while (at && len < (size_t)status.st_size) {
		ssize_t n = pread(fd, at + len, (size_t)status.st_size - len, (off_t)len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		len += (size_t)n;
	}
	if (!at || len < (size_t)status.st_size)
		return err_set(err, ERR_BUG, "the configuration's snapshot cannot be read");
	buf_commit(bytes, len);
	return 0;
}

struct snapshot *snapshot_read(int fd, struct err *err)
{
	struct snapshot *snapshot = mem_new(sizeof(*snapshot));
	struct buf bytes;
	bool good = false;

	buf_init(&bytes, SNAPSHOT_MAX);
	if (read_all(fd, &bytes, err) == 0) {
		good = take_all(buf_span(&bytes), snapshot);
		if (!good)
			err_set(err, ERR_BUG, "the configuration's snapshot is damaged");
	}
	buf_wipe(&bytes);
	if (good)
		return snapshot;
	snapshot_free(snapshot);
	return NULL;
}
