/* SPDX-License-Identifier: Apache-2.0 */
/*
 * At a medium's return: tells core every copy (whether its parts agree with its note, and that note's
 * digest: core asks the ledger whether it is the one on record), what was cut short, and everything
 * that mediagate did not write.
 */
#include "folder_note.h"
#include "job.h"
#include "str.h"
#include "unseal.h"
#include "walk.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>

#define INSPECT_MOST 1000 /* copies named, and other things named; the rest is counted */

struct Inspect {
	struct Job *job;
	uint64_t copies, others, rest, rest_size;
};

static int tell(struct Inspect *in, const struct MsgJobFound *found)
{
	/* a heap of other files hides no copy: what is not told counts as missing */
	uint64_t *told =
	        found->found == FOUND_COPY || found->found == FOUND_DAMAGED ? &in->copies : &in->others;

	in->job->files++;
	if (*told >= INSPECT_MOST) {
		in->rest++;
		in->rest_size += found->size;
		return 0;
	}
	++*told;
	return job_tell(in->job, MSG_JOB_FOUND, found);
}

static int tell_foreign(void *owner, const struct WalkItem *item)
{
	struct MsgJobFound found = {.found = FOUND_FOREIGN, .size = item->size};

	/* a folder shows as one */
	if (snprintf(found.name, sizeof(found.name), "%s%s", item->name, item->folder ? "/" : "") >=
	        (int)sizeof(found.name))
		STR_CUT(found.name, item->name);
	return tell(owner, &found);
}

/* A copy is whole when every part and OPEN.txt has the digest that its note says. */
static int check(int dir, struct MsgJobFound *found)
{
	_cleanup_note_ struct FolderNote note = {};
	struct UnsealWhere where;
	struct Folder f;
	int r = folder_look(dir, found->copy, &f);

	if (!r)
		r = folder_note_read(dir, found->copy, &note);
	if (!r) {
		memcpy(found->note, note.sha256, DIGEST_SIZE);
		r = folder_check(
		        &(struct SealedFolder){dir, &f, note.bytes, note.text_size}, &found->size, &where);
	}
	if (r == -EIO || r == -ENODEV || r == -ENXIO)
		return medium_fault(-r);
	if (r >= 0)
		found->found = r ? FOUND_DAMAGED : FOUND_COPY;
	return r < 0 ? r : 0;
}

struct Strangers {
	struct Inspect *inspect;
	const char *copy, *folder;
};

/* In a copy's folder, what does not belong to it. */
static int tell_stranger(void *owner, const struct WalkItem *item)
{
	struct Strangers *s = owner;
	const char *name = item->name + strlen(s->folder);

	if (*name == '/' && !item->folder && medium_is_ours(name + 1, s->copy))
		return 0;
	return tell_foreign(s->inspect, item);
}

static int inspect_copy(struct Inspect *in, const struct WalkItem *item)
{
	struct MsgJobFound found = {.found = FOUND_DAMAGED};
	struct Strangers strangers = {.inspect = in, .copy = item->copy, .folder = item->name};
	_cleanup_fd_ int dir = medium_open(in->job->root, item->name, O_RDONLY | O_DIRECTORY, 0);
	int r;

	if (dir < 0)
		return medium_fault(-dir);
	STR_CUT(found.copy, item->copy);
	STR_CUT(found.name, item->name);
	r = check(dir, &found);
	if (!r)
		r = tell(in, &found);
	return r ? r : walk_below(in->job, item->name, tell_stranger, &strangers);
}

static int inspect_leftover(struct Inspect *in, const struct WalkItem *item)
{
	struct MsgJobFound found = {.found = FOUND_LEFTOVER};

	STR_CUT(found.copy, item->copy);
	STR_CUT(found.name, item->name);
	return tell(in, &found);
}

static int inspect_item(void *owner, const struct WalkItem *item)
{
	struct Inspect *in = owner;

	switch (item->entry) {
	case MEDIUM_COPY:
		return inspect_copy(in, item);
	case MEDIUM_LEFTOVER:
		return inspect_leftover(in, item);
	case MEDIUM_FOREIGN:
		break;
	}
	return item->folder ? walk_below(in->job, item->name, tell_foreign, in) : tell_foreign(in, item);
}

int job_inspect(struct Job *j)
{
	struct Inspect in = {.job = j};
	struct MsgJobFound rest = {.found = FOUND_FOREIGN};
	int r = walk_root(j, inspect_item, &in);

	if (r || !in.rest)
		return r;
	rest.size = in.rest_size;
	snprintf(rest.name, sizeof(rest.name), "+%llu", (unsigned long long)in.rest);
	return job_tell(j, MSG_JOB_FOUND, &rest);
}
