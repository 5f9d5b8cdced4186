/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Root can change past the agent what keeps the ports shut: udev's rules, the defaults of usbcore and of the
 * root hubs, the files of the configuration; and another program may decide about the same devices. The
 * kernel tells us of none of it.
 *
 * It is no defence against root. A change by mistake, by another product, or by somebody who was root for a
 * minute stands on record; what can be shut again is.
 */
#include "guard.h"

#include "clock.h"
#include "core.h"
#include "dir.h"
#include "file.h"
#include "log.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

/* A configuration that differs twice in a row is told: it may just be written, and be taken over at once. */
#define LOOK 25000 /* milliseconds; twice is less than a minute */

#define PARAMETERS "/sys/module/usbcore/parameters"
#define DEFAULT    "authorized_default"
#define OTHER      "usbguard-daemon" /* GNOME's USB protection acts through it, too */

/* Of a text: whether it is the same as before, no more. */
#define SUM_NONE  0 /* there is no such file */
#define SUM_BEGIN 0xcbf29ce484222325ull
#define SUM_PRIME 0x100000001b3ull

static const char *const rules[] = {"/etc/udev/rules.d/59-mediagate.rules",
        "/etc/udev/rules.d/60-mediagate.rules", "/etc/udev/rules.d/72-mediagate.rules"};

struct Guard {
	uint64_t rules[ARRAY_SIZE(rules)];
	bool rules_known; /* they could be read once */
	uint64_t config_seen[LIMIT_FDS], config_told[LIMIT_FDS];
	bool stuck; /* a switch does not shut, and that is on record */
	bool other;
};

static int tell(struct Core *core, int reason, bool undone, const char *subject)
{
	struct Record r;

	log_warning("%s: %s", subject, fault_row(reason)->code);
	record_start(&r, RECORD_TAMPER, undone ? RESULT_DONE : RESULT_FAILED);
	r.reason = (uint16_t)reason;
	record_text(&r, KEY_SUBJECT, subject);
	return ledger_append(core, &r, WANT_DURABLE, NULL, 0);
}

/* ------------------------------------------------------------------ texts */

static int sum_of(int fd, uint64_t *ret)
{
	uint64_t sum = SUM_BEGIN;
	uint8_t bytes[4096];
	off_t at = 0;

	for (;;) {
		ssize_t n = pread(fd, bytes, sizeof(bytes), at);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			sum = (sum ^ bytes[i]) * SUM_PRIME;
		at += n;
	}
	*ret = sum;
	return 0;
}

/* -errno: it cannot be told now. */
static int file_sum(const char *path, uint64_t *ret)
{
	_cleanup_fd_ int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	struct stat st;

	*ret = SUM_NONE;
	if (fd < 0)
		return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? 0 : -errno;
	if (fstat(fd, &st))
		return -errno;
	return S_ISREG(st.st_mode) ? sum_of(fd, ret) : 0;
}

static int rules_read(uint64_t ret[static ARRAY_SIZE(rules)])
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++) {
		int r = file_sum(rules[i], &ret[i]);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Whoever made them anew has changed them, too: a new kernel's, an upgrade's. */
static int rules_look(struct Core *core, struct Guard *g)
{
	uint64_t now[ARRAY_SIZE(rules)];
	int r = rules_read(now);

	if (r < 0)
		return r == -ENOMEM ? r : 0;
	for (size_t i = 0; i < ARRAY_SIZE(rules) && g->rules_known; i++)
		if (now[i] != g->rules[i]) {
			r = tell(core, FAULT_RULES_CHANGED, false, strrchr(rules[i], '/') + 1);
			if (r < 0)
				return r;
		}
	memcpy(g->rules, now, sizeof(now));
	g->rules_known = true;
	return 0;
}

static int config_one(struct Core *core, struct Guard *g, size_t i)
{
	uint64_t ours, now;
	char path[64];

	snprintf(path, sizeof(path), "/etc/mediagate/%s", config_name(i));
	if (core->config_in_force[i] < 0 || sum_of(core->config_in_force[i], &ours) < 0 ||
	        file_sum(path, &now) < 0)
		return 0;
	if (now == ours) {
		g->config_seen[i] = g->config_told[i] = ours;
		return 0;
	}
	if (now != g->config_seen[i] || now == g->config_told[i]) {
		g->config_seen[i] = now;
		return 0;
	}
	g->config_told[i] = now;
	return tell(core, FAULT_CONFIG_CHANGED, false, config_name(i));
}

static int config_look(struct Core *core, struct Guard *g)
{
	int r = 0;

	if (core->load.fd >= 0 || core->config_is_last_good)
		return 0; /* it is being read; or that it cannot be is on record */
	for (size_t i = 0; i < LIMIT_FDS && r >= 0; i++)
		r = config_one(core, g, i);
	return r;
}

/* ------------------------------------------------------------------ switches */

static bool is_open(int dir, const char *name)
{
	char text[8];

	return file_read_text_at(dir, name, text, sizeof(text)) > 0 && !str_eq(text, "0");
}

static int switch_look(struct Core *core, struct Guard *g, int dir, const char *name, const char *where)
{
	bool was = g->stuck;

	if (dir < 0 || !is_open(dir, name))
		return 0;
	g->stuck = file_write_at(dir, name, "0") < 0 || is_open(dir, name);
	if (was && g->stuck)
		return 0;
	return tell(core, FAULT_GATE_OPENED, !g->stuck, where);
}

static int hub_look(struct Core *core, struct Guard *g, int devices, const char *name)
{
	_cleanup_fd_ int hub = openat(devices, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = switch_look(core, g, hub, "interface_authorized_default", name);

	return r < 0 ? r : switch_look(core, g, hub, DEFAULT, name);
}

/* Where all rules were taken away (`mediagate enforce off`) nothing of this is ours. */
static bool is_enforced(const struct Guard *g)
{
	for (size_t i = 0; i < ARRAY_SIZE(rules); i++)
		if (g->rules[i] != SUM_NONE)
			return g->rules_known;
	return false;
}

static int switches_look(struct Core *core, struct Guard *g)
{
	_cleanup_fd_ int usbcore = openat(AT_FDCWD, PARAMETERS, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_dir_ DIR *devices = dir_open_at(core->usb_dir, "devices");
	struct dirent *entry;
	int r = is_enforced(g) ? switch_look(core, g, usbcore, DEFAULT, "usbcore") : 0;

	while (r >= 0 && devices && is_enforced(g) && (entry = readdir(devices)))
		if (!strncmp(entry->d_name, "usb", 3))
			r = hub_look(core, g, dirfd(devices), entry->d_name);
	return r;
}

/* ------------------------------------------------------------------ another agent */

/* 1: it is; 0: it is not, or has gone; -errno: it cannot be told. */
static int is_other(int proc, const char *pid)
{
	char path[sizeof("4294967295/comm")], name[32] = "";
	ssize_t n;

	if (pid[0] < '0' || pid[0] > '9' || snprintf(path, sizeof(path), "%s/comm", pid) >= (int)sizeof(path))
		return 0;
	n = file_read_text_at(proc, path, name, sizeof(name));
	return n < 0 && n != -ENOENT && n != -ESRCH ? (int)n : str_eq(name, OTHER);
}

static int others_look(struct Core *core, struct Guard *g)
{
	_cleanup_dir_ DIR *proc = dir_open_at(AT_FDCWD, "/proc");
	struct dirent *entry;
	bool was = g->other;
	int is = 0;

	while (proc && !is && (entry = readdir(proc)))
		is = is_other(dirfd(proc), entry->d_name);
	if (!proc || is < 0)
		return 0;
	g->other = is;
	return is && !was ? tell(core, FAULT_OTHER_AGENT, false, OTHER) : 0;
}

/* ------------------------------------------------------------------ the hour */

static int guard_look(void *owner)
{
	static int (*const looks[])(struct Core *, struct Guard *) = {
	        rules_look, switches_look, config_look, others_look};
	struct Core *core = owner;
	int r = dispatch_at(core->dispatch, clock_boot() + LOOK, guard_look, core);

	/* what is told while nobody can write it down would be told to nobody */
	for (size_t i = 0; i < ARRAY_SIZE(looks) && r >= 0 && core->ledger_up && core->stage != STAGE_STOP;
	        i++)
		r = looks[i](core, core->guard);
	return r;
}

int guard_open(struct Core *core)
{
	core->guard = calloc(1, sizeof(*core->guard));
	if (!core->guard)
		return -ENOMEM;
	core->guard->rules_known = rules_read(core->guard->rules) == 0;
	return dispatch_at(core->dispatch, clock_boot() + LOOK, guard_look, core);
}

void guard_free(struct Core *core)
{
	free(core->guard);
	core->guard = NULL;
}
