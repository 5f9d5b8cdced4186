/* SPDX-License-Identifier: Apache-2.0 */
#include "seen.h"

#include "file.h"
#include "say.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define NOTE_MOST 65536

/* The checkpoint of a copy's folder. */
static int folder_seen(const char *folder, struct LedgerSeen *ret)
{
	_cleanup_ledger_files_ struct LedgerFiles files = LEDGER_FILES_NULL;
	int r = ledger_files_open(folder, &files);

	if (r)
		return say_fault(r, folder, NULL);
	if (!files.checkpoint || ledger_seen_read(files.checkpoint, files.checkpoint_size, ret) < 0)
		return say_fault(FAULT_UNREADABLE, folder, NULL);
	return EXIT_OK;
}

static int file_seen(int fd, const char *name, struct LedgerSeen *ret)
{
	_cleanup_free_ char *text = malloc(NOTE_MOST);
	ssize_t n = text ? file_read_all(fd, text, NOTE_MOST) : -ENOMEM;

	if (n < 0)
		return say_fault(FAULT_UNREADABLE, name, NULL);
	if (ledger_seen_read(text, (size_t)n, ret) < 0) {
		_cleanup_free_ char *safe = say_escape(name);

		return say_usage(_("%s is no checkpoint"), safe);
	}
	return EXIT_OK;
}

static int one_read(const char *word, struct SeenList *ret)
{
	_cleanup_fd_ int fd = open(word, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct LedgerSeen *seen = &ret->items[ret->n];
	struct stat st;

	ret->folders[ret->n] = NULL;
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISDIR(st.st_mode)) {
		ret->folders[ret->n] = word;
		return folder_seen(word, seen);
	}
	if (fd >= 0)
		return file_seen(fd, word, seen);
	if (ledger_seen_read(word, strlen(word), seen) < 0)
		return say_usage("%s", _("--seen needs a checkpoint's file, a copy of the ledger, or number "
		                         "and letters from paper"));
	return EXIT_OK;
}

int seen_read(const struct OptionList *list, struct SeenList *ret)
{
	for (ret->n = 0; ret->n < list->n; ret->n++) {
		int status = one_read(list->items[ret->n], ret);

		if (status)
			return status;
	}
	return EXIT_OK;
}

/* From the beginning; the descriptor stays the caller's. */
static FILE *records_stream(int records)
{
	_cleanup_fd_ int fd = fcntl(records, F_DUPFD_CLOEXEC, 0);
	FILE *in = fd < 0 || lseek(fd, 0, SEEK_SET) < 0 ? NULL : fdopen(fd, "r");

	if (in)
		fd_steal(&fd);
	return in;
}

/* The number of the first line that is not the same in both: as far as the shorter goes. */
static bool lines_difference(FILE *a, FILE *b, uint64_t *ret_n)
{
	_cleanup_free_ char *one = NULL, *other = NULL;
	size_t room_one = 0, room_other = 0;

	for (*ret_n = 0;; (*ret_n)++) {
		ssize_t n = getline(&one, &room_one, a), m = getline(&other, &room_other, b);

		if (n <= 0 || m <= 0)
			return false;
		if (n != m || memcmp(one, other, (size_t)n))
			return true;
	}
}

bool seen_difference(const struct SeenList *seen, int records, uint64_t *ret_n)
{
	bool found = false;

	for (size_t i = 0; i < seen->n && !found; i++) {
		_cleanup_ledger_files_ struct LedgerFiles files = LEDGER_FILES_NULL;
		_cleanup_stream_ FILE *ours = NULL, *theirs = NULL;

		if (!seen->folders[i] || ledger_files_open(seen->folders[i], &files))
			continue;
		ours = records_stream(records);
		theirs = records_stream(files.records);
		found = ours && theirs && lines_difference(ours, theirs, ret_n);
	}
	return found;
}
