/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block layer is the last place where a disk can be told, whatever bus it came by: SATA, NVMe, Thunderbolt, iSCSI, nbd,
 * a card. What is not on the list of fixed disks that `enrol` wrote down is taken away, and that is on record.
 *
 * Two things are never touched: a disk that the running system is mounted from or swaps to, whatever the list says, and
 * every disk where there is no list. A terminal that does not start any more protects nobody.
 */
#include "backstop.h"

#include "clock.h"
#include "core.h"
#include "disk_off.h"
#include "disks.h"
#include "enforce.h"
#include "file.h"
#include "log.h"
#include "mounts_walk.h"
#include "str.h"

#include <fcntl.h>
#include <linux/limits.h>

#define AGAIN	   1000 /* milliseconds; only while there is such a disk */
#define LOOKS_MOST 5	/* at one that is not what it was told to be; it has gone by then, or will not be told */

struct Stray {
	struct Stray *next;
	struct MsgBlockAdd told;
	bool judged; /* it is on no list; till then nothing is done with it */
	char name[LIMIT_PORT];
	char line[DISK_LINE];
	uint64_t size;
	int dir, hold;
	bool recorded; /* that it was refused */
	bool left;     /* where it is: observe mode */
	unsigned int tries;
};

static int strays_look(void *owner);

static int is_this(void *owner, const char *path)
{
	return mounts_is_on(path, owner);
}

static bool is_mounted(char *name)
{
	struct MountsWalk w = {.device = is_this, .owner = name};

	return mounts_walk(&w) > 0;
}

/* ------------------------------------------------------------------ strays */

static void stray_record(const struct Stray *s, enum RecordKind kind, enum RecordResult result, int fault,
	struct Record *ret)
{
	record_start(ret, kind, result);
	ret->reason = (uint16_t)fault;
	record_text(ret, KEY_DEVICE, s->name);
	record_text(ret, KEY_DISK, s->line);
	record_number(ret, KEY_SIZE, s->size);
}

static int record_left(struct Core *core, const struct Stray *s)
{
	struct Record r;

	log_warning("disk %s is not on the list of fixed disks; the system lies on it: left as it is", s->name);
	stray_record(s, RECORD_DEVICE, RESULT_FAILED, FAULT_BUS_CLOSED, &r);
	return refusal_record(core, &r);
}

static int record_refused(struct Core *core, struct Stray *s, bool mounted)
{
	struct MsgEvent event;
	struct Record r;
	int e;

	s->recorded = true;
	stray_record(s, RECORD_DEVICE, RESULT_REFUSED, FAULT_BUS_CLOSED, &r);
	if (s->left)
		record_flag(&r, KEY_OBSERVED, true);
	event_of(&r, &event);
	e = event_tell(core, &event);
	if (e >= 0)
		e = refusal_record(core, &r);
	if (e < 0 || !mounted)
		return e;
	log_warning("disk %s: mounted by hand", s->name);
	stray_record(s, RECORD_TAMPER, RESULT_DONE, FAULT_FOREIGN_MOUNT, &r);
	if (s->left)
		record_flag(&r, KEY_OBSERVED, true);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

/* It cannot be taken away, or not yet: nobody else shall have it meanwhile. */
static int stray_hold(struct Core *core, struct Stray *s)
{
	struct Record r;

	if (s->hold < 0)
		s->hold = disk_hold(s->name);
	/* some drivers take a moment */
	if (++s->tries != 2)
		return 0;
	log_error("disk %s cannot be taken away%s", s->name, s->hold < 0 ? "" : "; it is held");
	stray_record(s, RECORD_TAMPER, s->hold < 0 ? RESULT_FAILED : RESULT_DONE, FAULT_BUS_CLOSED, &r);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

static void stray_drop(struct Stray **at)
{
	struct Stray *s = *at;

	*at = s->next;
	fd_close(s->dir);
	fd_close(s->hold);
	free(s);
}

/* Nothing is done with what cannot be told, but somebody is told of it. */
static int record_untold(struct Core *core, struct Stray *s)
{
	struct Record r;

	if (++s->tries != 2)
		return 0;
	log_error("disk %s: whether it is a fixed one cannot be told", s->name);
	STR_CUT(s->line, s->name);
	stray_record(s, RECORD_DEVICE, RESULT_FAILED, FAULT_UNREADABLE, &r);
	return refusal_record(core, &r);
}

/* 1: it is none, or one of the list. 0: it is judged, or cannot be yet. */
static int stray_judge(struct Core *core, struct Stray *s)
{
	char path[PATH_MAX];
	int r;

	if (!enforce_is_disk(s->dir, &s->told) || disk_path(s->dir, path, sizeof(path)) < 0) {
		log_info("disk %s is not what it was told to be, or no longer", s->name);
		return ++s->tries >= LOOKS_MOST;
	}
	if (disk_is_virtual(path)) {
		STR_CUT(s->line, s->name);
		r = 0;
	} else
		r = disk_line(s->dir, s->line);
	if (r == -EINVAL || r == -ENAMETOOLONG) {
		STR_CUT(s->line, s->name); /* what has no line is on no list */
		r = 0;
	}
	if (r < 0)
		return MIN(record_untold(core, s), 0);
	if (disk_is_listed(core->fixed_disks, s->line))
		return 1;
	s->judged = true;
	s->tries = 0;
	return 0;
}

/* 1: nothing is left to do. 0: to be looked at again. */
static int stray_try(struct Core *core, struct Stray *s)
{
	char path[PATH_MAX];
	bool mounted;
	int r = s->judged ? 0 : stray_judge(core, s);

	if (r || !s->judged)
		return r;
	if (disk_path(s->dir, path, sizeof(path)) < 0)
		return 0;
	if (s->recorded && disk_is_off(s->dir, path))
		return 1;
	if (s->left && observe_meant(core))
		return 0;
	r = mounts_carry_system(NULL, s->name);
	if (r == -EAGAIN)
		return 0;
	if (r) {
		r = record_left(core, s);
		return r < 0 ? r : 1;
	}
	mounted = !s->recorded && is_mounted(s->name);
	if (observe_meant(core)) {
		log_warning("disk %s is not on the list of fixed disks, and LEFT: observe mode", s->name);
		s->left = true;
		s->hold = fd_close(s->hold);
		return s->recorded ? 0 : record_refused(core, s, mounted);
	}
	/* what was left while observing is taken now, and that is another record */
	if (s->left)
		s->recorded = s->left = false;
	if (!s->recorded)
		log_warning("disk %s is not on the list of fixed disks: it is taken away", s->name);
	(void)disk_off(s->dir, s->name, path); /* what counts is whether it has gone */
	r = s->recorded ? 0 : record_refused(core, s, mounted);
	if (r < 0)
		return r;
	if (disk_is_off(s->dir, path))
		return 1;
	r = stray_hold(core, s);
	return r < 0 ? r : 0;
}

static int strays_look(void *owner)
{
	struct Core *core = owner;

	for (struct Stray **at = &core->strays; *at;) {
		int r = stray_try(core, *at);

		if (r < 0)
			return r;
		if (r)
			stray_drop(at);
		else
			at = &(*at)->next;
	}
	return core->strays ? dispatch_at(core->dispatch, clock_boot() + AGAIN, strays_look, core) : 0;
}

int backstop_look(struct Core *core)
{
	return strays_look(core);
}

int backstop_gone(struct Core *core, const char *disk)
{
	for (struct Stray **at = &core->strays; *at;)
		if (str_eq((*at)->name, disk))
			stray_drop(at);
		else
			at = &(*at)->next;
	return 0;
}

static int stray_add(struct Core *core, const struct MsgBlockAdd *m, int dir)
{
	struct Stray *s = calloc(1, sizeof(*s));

	if (!s)
		return -ENOMEM;
	STR_CUT(s->name, m->disk);
	s->told = *m;
	s->size = m->size;
	s->hold = -1;
	s->dir = fcntl(dir, F_DUPFD_CLOEXEC, 0);
	if (s->dir < 0) {
		log_error("disk %s: %s", s->name, strerror(errno));
		free(s);
		return -errno;
	}
	(void)backstop_gone(core, m->disk);
	s->next = core->strays;
	core->strays = s;
	return strays_look(core);
}

/* ------------------------------------------------------------------ from watch */

/* Memory, and what lies on other disks. The latter may lie on a medium. */
static int virtual_disk(struct Core *core, const struct MsgBlockAdd *m, int dir)
{
	static const char *const on_others[] = {"loop", "dm-", "md"}, *const memory[] = {"ram", "zram"};

	for (size_t i = 0; i < ARRAY_SIZE(memory); i++)
		if (!strncmp(m->disk, memory[i], strlen(memory[i])))
			return 0;
	for (size_t i = 0; i < ARRAY_SIZE(on_others); i++)
		if (!strncmp(m->disk, on_others[i], strlen(on_others[i])))
			return mounts_look_under(core, m->disk);
	return m->size && core->fixed_disks ? stray_add(core, m, dir) : 0;
}

int backstop_disk(struct Core *core, const struct MsgBlockAdd *m, int disk_dir)
{
	char path[PATH_MAX];

	/* what is virtual is so by its path; the path is the kernel's, and only tells whether to go on */
	if (disk_path(disk_dir, path, sizeof(path)) >= 0 && disk_is_virtual(path))
		return enforce_is_disk(disk_dir, m) ? virtual_disk(core, m, disk_dir) : 0;
	return core->fixed_disks ? stray_add(core, m, disk_dir) : 0;
}

int backstop_open(struct Core *core)
{
	char text[DISKS_SIZE];
	ssize_t n = file_read_text_at(core->state_dir, DISKS_FILE, text, sizeof(text));

	if (n == -ENOENT) {
		log_warning("there is no list of fixed disks: disks that are no USB are let in (mediagate enrol writes it)");
		return 0;
	}
	/* a list that cannot be read names none: what the system does not lie on goes */
	if (n < 0)
		log_error("the list of fixed disks cannot be read: %s", strerror((int)-n));
	core->fixed_disks = n < 0 ? calloc(1, 1) : strdup(text);
	return core->fixed_disks ? 0 : -ENOMEM;
}

void backstop_free(struct Core *core)
{
	while (core->strays)
		stray_drop(&core->strays);
	free(core->fixed_disks);
	core->fixed_disks = NULL;
}
