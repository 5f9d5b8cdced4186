/* SPDX-License-Identifier: Apache-2.0 */
#include "enrol.h"

#include "clock.h"
#include "fault.h"
#include "file.h"
#include "line.h"
#include "store.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* Record 0 may be written anew, as nobody has been told of it; what follows it may not. */
static int check_records(int year)
{
	_cleanup_fd_ int fd = openat(year, STORE_RECORDS, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	char line[LIMIT_LINE + 2];
	const char *newline;
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? 0 : -errno;
	n = file_read_all(fd, line, sizeof(line));
	if (n < 0)
		return (int)n;
	newline = memchr(line, '\n', (size_t)n);
	return n == sizeof(line) || (newline && newline + 1 < line + n) ? FAULT_LEDGER_ALTERED : 0;
}

static void make_record(const struct Enrolment *e, const struct EnrolResult *keys, struct Record *ret)
{
	record_start(ret, RECORD_ENROL, RESULT_DONE);
	STR_SET(ret->actor, "root");
	record_text(ret, KEY_VKEY, keys->vkey);
	record_text(ret, KEY_LABEL_VKEY, keys->label_vkey);
	record_text(ret, KEY_VERSION, MEDIAGATE_VERSION);
	for (size_t i = 0; i < e->n_disks; i++)
		record_text(ret, KEY_DISK, e->disks[i]);
}

static int write_vkey(int year, const char *vkey)
{
	char text[LIMIT_VKEY + 1];
	int n = snprintf(text, sizeof(text), "%s\n", vkey);

	return file_replace_at(year, STORE_VKEY, text, (size_t)n, 0640);
}

static int write_first(int year, const struct Seal *seal, const struct Record *record, const char *terminal)
{
	struct LineHead head = {.n = 0, .time = clock_now(), .terminal = terminal};
	char line[LIMIT_LINE + 1], checkpoint[SEAL_CHECKPOINT];
	struct Tree tree = TREE_NULL;
	uint8_t leaf[HASH_SIZE];
	size_t n, n_checkpoint;
	int r;

	if (line_build(record, &head, line, &n))
		return -EINVAL;
	r = crypto_leaf(seal->crypto, line, n, leaf);
	if (r >= 0)
		r = tree_add(&tree, seal->crypto, leaf);
	if (r >= 0)
		r = seal_checkpoint(seal, &tree, checkpoint, &n_checkpoint);
	line[n] = '\n';
	if (r >= 0)
		r = file_replace_at(year, STORE_RECORDS, line, n + 1, 0640);
	return r < 0 ? r : file_replace_at(year, STORE_CHECKPOINT, checkpoint, n_checkpoint, 0640);
}

static int open_year(int state_dir, const struct Enrolment *e, int *ret)
{
	_cleanup_fd_ int root = -1, terminal = -1;
	char year[8];
	int r = file_dir_make_at(state_dir, "ledger", 0750, &root);

	snprintf(year, sizeof(year), "%u", e->year % 10000);
	if (r >= 0)
		r = file_dir_make_at(root, e->terminal, 0750, &terminal);
	return r < 0 ? r : file_dir_make_at(terminal, year, 0750, ret);
}

static int open_seal(int state_dir, const struct Enrolment *e, bool make, struct Seal *ret)
{
	struct SealNames names = {e->domain, e->terminal, e->year};
	_cleanup_fd_ int keys = -1;
	int r = file_dir_make_at(state_dir, "keys", 0700, &keys);

	if (r >= 0 && make)
		r = seal_make(keys);
	return r < 0 ? r : seal_open(ret, keys, &names);
}

/* The first key, that of the enrolment: the one in force is another by now. */
static int read_vkey(int state_dir, const struct Enrolment *e, char ret[static LIMIT_VKEY])
{
	char path[LIMIT_CODE + 64];
	ssize_t n;

	snprintf(path, sizeof(path), "ledger/%s/%u/" STORE_VKEY, e->terminal, e->year % 10000);
	n = file_read_text_at(state_dir, path, ret, LIMIT_VKEY);
	return (int)MIN(n, 0);
}

int enrol_read(int state_dir, const struct Enrolment *e, struct EnrolResult *ret)
{
	_cleanup_(seal_done) struct Seal seal = SEAL_NULL;
	int r = open_seal(state_dir, e, false, &seal);

	if (r >= 0)
		r = read_vkey(state_dir, e, ret->vkey);
	return r < 0 ? r : vkey_format(&seal.label_vkey, ret->label_vkey, sizeof(ret->label_vkey));
}

int enrol_ledger(int state_dir, struct Enrolment *e, struct EnrolResult *ret)
{
	_cleanup_(seal_done) struct Seal seal = SEAL_NULL;
	_cleanup_fd_ int year = -1;
	struct Record record;
	int r = open_year(state_dir, e, &year);

	if (r >= 0)
		r = check_records(year);
	if (r)
		return r;
	r = open_seal(state_dir, e, true, &seal);
	if (r >= 0)
		r = vkey_format(&seal.ledger_vkey, ret->vkey, sizeof(ret->vkey));
	if (r >= 0)
		r = vkey_format(&seal.label_vkey, ret->label_vkey, sizeof(ret->label_vkey));
	if (r >= 0)
		r = STR_SET(e->label_vkey, ret->label_vkey);
	make_record(e, ret, &record);
	if (r >= 0)
		r = write_vkey(year, ret->vkey);
	return r < 0 ? r : write_first(year, &seal, &record, e->terminal);
}

int enrol_finish(int state_dir, const struct Enrolment *e)
{
	char text[ENROLMENT_TEXT];
	size_t n = enrolment_write(e, text);

	return file_replace_at(state_dir, ENROLMENT_FILE, text, n, 0644);
}
