/* SPDX-License-Identifier: Apache-2.0 */
/* import DIR…: a store of its own and an intake, in which the ledgers below the folders are taken over. */
#include "client.h"
#include "command.h"
#include "log.h"
#include "query.h"
#include "spawn.h"
#include "str.h"

#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>

#define FIELDS 6

struct Import {
	const struct Command *command;
	size_t ledgers, wrong;
	uint64_t added;
};

static void say(
        struct Import *import, enum IntakeOutcome outcome, enum Verdicts verdict, char *const fields[FIELDS])
{
	bool alarm = verdict_is_alarm(verdict);

	import->ledgers++;
	import->wrong += alarm;
	import->added += strtoull(fields[3], NULL, 10);
	if (!alarm && import->command->quiet)
		return;
	printf("%s: %s (%s)", fields[2], _(intake_sentence(outcome)), _(verdict_sentence(verdict)));
	if (*fields[5])
		printf(": %s", _(fields[5]));
	if (!str_eq(fields[4], "0"))
		printf(_(", line %s"), fields[4]);
	printf("\n");
}

/* As intake/main.c writes it. */
static void read_line(struct Import *import, char *line)
{
	char *fields[FIELDS], *at = line;
	size_t n = 0;

	while (n < FIELDS && at)
		fields[n++] = strsep(&at, "\t\n");
	if (n == FIELDS)
		say(import, (enum IntakeOutcome)atoi(fields[0]), (enum Verdicts)atoi(fields[1]), fields);
}

int command_feed_store(const struct Command *c, int feed, pid_t *ret)
{
	char review[REVIEW_TEXT];
	const char *const argv[] = {c->settings.data, "0", review, NULL};
	const struct Spawn s = {.program = "console-store",
	        .folder = c->programs,
	        .argv = argv,
	        .fds = {-1, feed},
	        .out = -1};

	review_write(&c->settings.review, review);
	return spawn(&s, ret);
}

int command_ready(const struct Command *c)
{
	const char *const argv[] = {"--ready", c->settings.data, NULL};
	const struct Spawn s = {
	        .program = "console-store", .folder = c->programs, .argv = argv, .fds = {-1, -1}, .out = -1};
	pid_t pid;
	int r = spawn(&s, &pid);

	if (r >= 0)
		r = spawn_wait(pid);
	if (r == STORE_STRANGE) {
		command_error(COMMAND_UNREADABLE,
		        _("the databases below %s are of another version of mediagate-console"),
		        c->settings.data);
		fprintf(stderr,
		        _("hint: import %s/ledgers into a new data folder; people.db, own and witness are "
		          "moved "
		          "there first, so that accounts and keys stay\n"),
		        c->settings.data);
		return COMMAND_UNREADABLE;
	}
	return r ? command_error(COMMAND_FAILED, _("%s cannot be opened"), c->settings.data) : 0;
}

static int start_intake(const struct Command *c, char **folders, int feed, int out, pid_t *ret)
{
	const char *argv[62] = {c->settings.data};
	const struct Spawn s = {.program = "console-intake",
	        .folder = c->programs,
	        .argv = argv,
	        .fds = {feed, -1},
	        .out = out};

	for (size_t i = 0; folders[i]; i++) {
		if (i + 2 >= ARRAY_SIZE(argv))
			return -E2BIG;
		argv[i + 1] = folders[i];
	}
	return spawn(&s, ret);
}

static int follow(struct Import *import, int out)
{
	_cleanup_stream_ FILE *f = fdopen(out, "r");
	_cleanup_free_ char *line = NULL;
	size_t room = 0;

	if (!f) {
		fd_close(out);
		return -errno;
	}
	while (getline(&line, &room, f) > 0)
		read_line(import, line);
	return ferror(f) ? -EIO : 0;
}

static int run(struct Import *import, char **folders)
{
	int feed[2], out[2];
	pid_t store, intake;
	int r = spawn_pair(feed), store_status, intake_status;

	if (r < 0)
		return r;
	if (pipe2(out, O_CLOEXEC))
		return -errno;
	r = command_feed_store(import->command, feed[0], &store);
	if (r >= 0)
		r = start_intake(import->command, folders, feed[1], out[1], &intake);
	/* each end is with its process alone: when one goes, the other is told */
	fd_close(feed[0]);
	fd_close(feed[1]);
	fd_close(out[1]);
	if (r < 0)
		return r;
	r = follow(import, out[0]);
	intake_status = spawn_wait(intake);
	store_status = spawn_wait(store);
	if (intake_status > 128 || store_status > 128)
		log_error("killed: console-intake %d, console-store %d", MAX(0, intake_status - 128),
		        MAX(0, store_status - 128));
	return r < 0 ? r : intake_status || store_status ? -EIO : 0;
}

int command_lock(const struct Command *c)
{
	char path[600];
	int fd;

	snprintf(path, sizeof(path), "%s/intake.lock", c->settings.data);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0 || flock(fd, LOCK_EX)) {
		fd_close(fd);
		return -errno;
	}
	return fd;
}

int verb_import(const struct Command *c, char **folders)
{
	struct Import import = {.command = c};
	_cleanup_fd_ int held = -1;
	int r = command_data(c);

	if (!r)
		r = command_ready(c);
	if (r)
		return r;
	held = command_lock(c);
	if (held < 0)
		return command_error(COMMAND_FAILED, "%s: %s", c->settings.data, strerrordesc_np(-held));
	r = run(&import, folders);
	if (!c->quiet)
		printf(ngettext("%zu ledger, %ju new records\n", "%zu ledgers, %ju new records\n",
		               import.ledgers),
		        import.ledgers, (uintmax_t)import.added);
	if (r < 0)
		return command_error(COMMAND_FAILED, _("not everything was taken in: see the lines above"));
	if (!import.ledgers && !c->quiet)
		return command_error(COMMAND_UNREADABLE, _("there is no ledger below these folders"));
	return import.wrong ? COMMAND_ALTERED : COMMAND_OK;
}
