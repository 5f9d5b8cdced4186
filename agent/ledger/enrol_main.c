/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The half of the enrolment that needs root: folders and their owner, then a child without any right but
 * the owner's makes keys and ledger, then the file that says it is done.
 */
#include "channel.h"
#include "clock.h"
#include "enrol.h"
#include "fault.h"
#include "log.h"
#include "privs.h"
#include "run.h"
#include "str.h"

#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define STATE_DIR   "/var/lib/mediagate"
#define OWNER       "mediagate-ledger"
#define AUDIT_GROUP "mediagate-audit"

/* Says how it ended, in lines for `mediagate enrol`. */
static int say(int r, const char *subject, const struct Enrolment *e, const struct EnrolResult *keys)
{
	int fault = r < 0 ? FAULT_NO_LEDGER : r;
	const struct FaultRow *row = fault_row(fault);

	printf("fault=%s\nsubject=%s\n", row->code, r < 0 ? strerrordesc_np(-r) : subject);
	if (row->status == EXIT_OK && e && keys)
		printf("terminal=%s\ndomain=%s\nvkey=%s\nlabel_vkey=%s\n", e->terminal, e->domain, keys->vkey,
		        keys->label_vkey);
	return fflush(stdout) ? EXIT_INTERNAL : row->status;
}

/* The fixed disks, one a line. More than fit, or lines too long, are an error: record 0 is to name all. */
static int read_disks(struct Enrolment *e)
{
	char line[ENROLMENT_DISK + 1];

	while (fgets(line, sizeof(line), stdin)) {
		size_t n = strcspn(line, "\n");

		if (line[n] != '\n' || e->n_disks == ENROLMENT_DISKS || !str_is_line(line, n) || !n)
			return -EINVAL;
		str_set_n(e->disks[e->n_disks++], ENROLMENT_DISK, line, n);
	}
	return ferror(stdin) ? -EIO : 0;
}

/* A folder of the owner's. Readable by the group of those who audit, where there is one. */
static int own_dir(int state_dir, const char *name, mode_t mode, const uid_t owner[2])
{
	_cleanup_fd_ int fd = -1;

	if (mkdirat(state_dir, name, 0700) && errno != EEXIST)
		return -errno;
	fd = openat(state_dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || fchown(fd, owner[0], owner[1]) || fchmod(fd, mode) || fsync(state_dir))
		return -errno;
	return 0;
}

static int make_dirs(int state_dir, uid_t uid, gid_t gid)
{
	const struct group *audit = getgrnam(AUDIT_GROUP);
	/* set-group-id: what is made below belongs to the same group */
	int r = own_dir(state_dir, "ledger", 02750, (uid_t[]){uid, audit ? audit->gr_gid : gid});

	return r < 0 ? r : own_dir(state_dir, "keys", 0700, (uid_t[]){uid, gid});
}

/* What the child hands back. */
struct Outcome {
	int r;
	char label_vkey[LIMIT_VKEY];
	struct EnrolResult keys;
};

_noreturn_ static void child(int state_dir, struct Enrolment *e, const uid_t owner[2], int end)
{
	struct Outcome o = {};

	o.r = privs_drop(owner[0], owner[1], 64);
	if (!o.r)
		o.r = enrol_ledger(state_dir, e, &o.keys);
	memcpy(o.label_vkey, e->label_vkey, sizeof(o.label_vkey));
	_exit(write(end, &o, sizeof(o)) == (ssize_t)sizeof(o) ? 0 : 1);
}

static int run_child(int state_dir, struct Enrolment *e, const uid_t owner[2], struct EnrolResult *ret)
{
	_cleanup_fd_ int ours = -1, theirs = -1;
	struct Outcome o;
	int ends[2], status;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	ours = ends[0];
	theirs = ends[1];
	pid = fork();
	if (pid < 0)
		return -errno;
	if (!pid)
		child(state_dir, e, owner, theirs);
	theirs = fd_close(theirs);
	if (read(ours, &o, sizeof(o)) != (ssize_t)sizeof(o))
		o.r = -EIO;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -errno;
	if (o.r)
		return o.r;
	memcpy(e->label_vkey, o.label_vkey, sizeof(e->label_vkey));
	*ret = o.keys;
	return 0;
}

static int state_dir_make(int *ret)
{
	if (mkdir(STATE_DIR, 0755) && errno != EEXIST)
		return -errno;
	*ret = open(STATE_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	return *ret < 0 || fchmod(*ret, 0755) ? -errno : 0;
}

/* Finished before: says so with the same keys, if it was for the same terminal. */
static int repeated(int state_dir, const struct Enrolment *wanted)
{
	static struct Enrolment e;
	struct EnrolResult keys;
	int r = enrolment_read_at(state_dir, &e);

	if (r == -EINVAL || r == -E2BIG)
		return say(FAULT_LEDGER_ALTERED, "the file enrolment is malformed", NULL, NULL);
	if (!r && (!str_eq(e.terminal, wanted->terminal) || !str_eq(e.domain, wanted->domain)))
		return say(FAULT_TERMINAL_DIFFERS, e.terminal, NULL, NULL);
	if (!r)
		r = enrol_read(state_dir, &e, &keys);
	return say(r < 0 ? r : FAULT_ALREADY_ENROLLED, "", &e, &keys);
}

static int enrol(int state_dir, struct Enrolment *e)
{
	struct EnrolResult keys = {};
	uid_t owner[2] = {};
	int r = read_disks(e);

	if (r == -EINVAL)
		return say(FAULT_INTERNAL, "the list of fixed disks (at most 12)", NULL, NULL);
	if (r >= 0)
		r = privs_lookup(OWNER, &owner[0], &owner[1]);
	if (r == -ENOENT)
		return say(FAULT_INTERNAL, "there is no user " OWNER, NULL, NULL);
	if (r >= 0)
		r = make_dirs(state_dir, owner[0], owner[1]);
	if (r >= 0)
		r = run_child(state_dir, e, owner, &keys);
	if (r >= 0 && r != FAULT_LEDGER_ALTERED)
		r = enrol_finish(state_dir, e);
	return say(r, r == FAULT_LEDGER_ALTERED ? "there are records without an enrolment" : "", e, &keys);
}

int enrol_main(const char *terminal, const char *domain)
{
	static struct Enrolment e;
	_cleanup_fd_ int state_dir = -1;
	int r;

	umask(0022);
	if (geteuid() != 0)
		return say(FAULT_NEEDS_ROOT, "", NULL, NULL);
	if (STR_SET(e.terminal, terminal) < 0 || !enrolment_is_name(e.terminal))
		return say(FAULT_BAD_REQUEST, "terminal", NULL, NULL);
	if (STR_SET(e.domain, domain) < 0 || !enrolment_is_name(e.domain))
		return say(FAULT_BAD_REQUEST, "domain", NULL, NULL);
	e.year = clock_fiscal_year(clock_now());
	r = state_dir_make(&state_dir);
	if (r < 0)
		return say(r, "", NULL, NULL);
	if (!faccessat(state_dir, ENROLMENT_FILE, F_OK, 0))
		return repeated(state_dir, &e);
	return enrol(state_dir, &e);
}
