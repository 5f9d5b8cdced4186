/* SPDX-License-Identifier: Apache-2.0 */
/* Tells the person what is on the medium: copies by their names and sizes, the rest by name. */
#include "folder_note.h"
#include "job.h"
#include "str.h"
#include "unseal.h"
#include "walk.h"

#include <fcntl.h>
#include <sys/stat.h>

#define LIST_MOST 1000 /* things named; the rest is counted */

struct List {
	struct Job *job;
	uint64_t told;
	struct MsgListed rest;
};

static int tell(struct List *l, const struct MsgListed *row)
{
	l->job->files++;
	if (l->told >= LIST_MOST) {
		l->rest.files++;
		l->rest.size += row->size;
		return 0;
	}
	l->told++;
	return job_say(l->job, MSG_LISTED, row);
}

static int tell_foreign(void *owner, const struct WalkItem *item)
{
	struct MsgListed row = {.found = FOUND_FOREIGN, .size = item->size, .time = item->time, .files = 1};

	if (item->folder)
		row.files = 0;
	STR_CUT(row.name, item->name);
	return tell(owner, &row);
}

static void look(int dir, const char *copy, struct MsgListed *row)
{
	struct Folder f;
	char note[PART_NAME];
	struct stat st;

	note_name(copy, note);
	row->found = FOUND_DAMAGED;
	if (folder_look(dir, copy, &f) || !folder_parts_size(dir, &f, &row->size))
		return;
	row->files = f.parts;
	if (fstatat(dir, note, &st, AT_SYMLINK_NOFOLLOW) || !S_ISREG(st.st_mode))
		return;
	row->time = (int64_t)st.st_mtim.tv_sec * 1000;
	row->found = FOUND_COPY;
}

static int tell_item(void *owner, const struct WalkItem *item)
{
	struct List *l = owner;
	struct MsgListed row = {.found = FOUND_LEFTOVER, .time = item->time};
	_cleanup_fd_ int dir = -1;

	if (item->entry == MEDIUM_FOREIGN)
		return item->folder ? walk_below(l->job, item->name, tell_foreign, l) : tell_foreign(l, item);
	STR_CUT(row.name, item->entry == MEDIUM_COPY ? item->copy : item->name);
	if (item->entry == MEDIUM_COPY) {
		dir = medium_open(l->job->root, item->name, O_RDONLY | O_DIRECTORY, 0);
		if (dir < 0)
			return medium_fault(-dir);
		look(dir, item->copy, &row);
	}
	return tell(l, &row);
}

int job_list(struct Job *j)
{
	struct List l = {.job = j, .rest = {.found = FOUND_FOREIGN}};
	int r = walk_root(j, tell_item, &l);

	if (!r && l.rest.files)
		r = job_say(j, MSG_LISTED, &l.rest);
	return r;
}
