/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration: core opens the files and keeps their bytes, load understands them. All rows are taken
 * or none. What was accepted is kept as the last good texts, which are read when the present ones fail.
 */
#include "core.h"
#include "file.h"
#include "log.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>

static const char *const names[LIMIT_FDS] = {"terminal.conf", "policy.conf", "roster.conf", "recipients.conf"};

static int config_failed(struct Core *core);

const char *config_name(size_t i)
{
	return names[i];
}

static void texts_close(struct Core *core)
{
	for (size_t i = 0; i < LIMIT_FDS; i++)
		core->config_texts[i] = fd_close(core->config_texts[i]);
}

/* The file's bytes as they are now, in memory nobody can change. */
static int text_keep(int dir, const char *name, int *ret)
{
	_cleanup_fd_ int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK), memory = -1;
	_cleanup_free_ char *bytes = malloc(LIMIT_CONFIG + 1);
	struct stat st;
	ssize_t n;

	if (!bytes)
		return -ENOMEM;
	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode))
		return -EINVAL;
	n = file_read_all(fd, bytes, LIMIT_CONFIG + 1);
	if (n < 0)
		return (int)n;
	if (n > LIMIT_CONFIG)
		return -EFBIG;
	memory = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (memory < 0 || file_write_all(memory, bytes, (size_t)n) < 0 || lseek(memory, 0, SEEK_SET))
		return -EIO;
	if (fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE | F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL))
		return -errno;
	*ret = fd_steal(&memory);
	return 0;
}

/* 0 or FAULT_BAD_CONFIG with the reason in config_error. */
static int texts_open(struct Core *core, int dir)
{
	for (size_t i = 0; i < LIMIT_FDS; i++) {
		int r = dir < 0 ? -ENOENT : text_keep(dir, names[i], &core->config_texts[i]);

		if (r == -ENOMEM)
			return r;
		if (r < 0) {
			snprintf(core->config_error, sizeof(core->config_error), "%s: %s", names[i], strerror(-r));
			return FAULT_BAD_CONFIG;
		}
	}
	return 0;
}

/* 0: load reads them; or FAULT_BAD_CONFIG with the reason in config_error. */
static int load_spawn(struct Core *core, int dir)
{
	int r;

	texts_close(core);
	core->policy_incoming = policy_free(core->policy_incoming);
	core->n_rows = 0;
	r = texts_open(core, dir);
	if (r < 0)
		return r;
	if (!r)
		r = policy_new(&core->policy_incoming);
	return r ? r : peer_spawn(&core->load, LIBEXECDIR "/load", core->config_texts, LIMIT_FDS);
}

static int config_load(struct Core *core, int dir)
{
	int r = load_spawn(core, dir);

	return r > 0 ? config_failed(core) : r;
}

static int config_dir(void)
{
	return open("/etc/mediagate", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int config_ahead(struct Core *core)
{
	_cleanup_fd_ int dir = config_dir();
	int r = load_spawn(core, dir);

	return r ? MIN(r, 0) : peer_pause(&core->load);
}

int config_begin(struct Core *core)
{
	_cleanup_fd_ int dir = config_dir();

	if (core->load.fd >= 0)
		return 0; /* one at a time; the one under way reads the same files */
	core->config_is_last_good = false;
	core->config_error[0] = '\0';
	return config_load(core, dir);
}

int config_reload(struct Core *core)
{
	/* what was read ahead of its turn is read anew then */
	if (core->stage == STAGE_LEDGER && core->load.fd >= 0)
		peer_stop(&core->load, true);
	return core->stage == STAGE_RUN && core->ledger_up ? config_begin(core) : 0;
}

static int config_recorded(struct Core *core, uint64_t id, const struct Answer *a)
{
	(void)id;
	core->config_on_record = !a->fault;
	/* now that everybody can know of it, what was refused is let in */
	return observe_holds(core) && !core->shut ? device_flow_judge_all(core) : 0;
}

static int config_record(struct Core *core, const struct MsgFilesDigested *d)
{
	struct Record r;

	record_start(&r, RECORD_POLICY, d ? RESULT_DONE : RESULT_FAILED);
	if (d) {
		record_bytes(&r, KEY_CONFIG, d->digest, sizeof(d->digest));
		record_text(&r, KEY_MODE, observe_meant(core) ? "observe" : "enforce");
	} else {
		r.reason = FAULT_BAD_CONFIG;
		record_text(&r, KEY_SUBJECT, core->config_error);
	}
	return ledger_append(core, &r, WANT_DURABLE, d ? config_recorded : NULL, 0);
}

static int config_digested(struct Core *core, uint64_t id, const struct Answer *a)
{
	(void)id;
	if (a->fault)
		return 0;
	if (a->m->body.FILES_DIGESTED.n != LIMIT_FDS)
		return CHANNEL_BROKEN;
	return config_record(core, &a->m->body.FILES_DIGESTED);
}

int config_tell(struct Core *core)
{
	struct MsgFilesDigest ask = {};
	struct Question q = {MSG_FILES_DIGEST, &ask, core->config_in_force, LIMIT_FDS};

	return core->policy && !core->config_on_record ? ledger_ask(core, &q, config_digested, 0) : 0;
}

static int texts_save(struct Core *core)
{
	_cleanup_free_ char *bytes = malloc(LIMIT_CONFIG);
	_cleanup_fd_ int dir = -1;

	if (!bytes)
		return -ENOMEM;
	if (mkdirat(core->state_dir, "config", 0700) && errno != EEXIST)
		return -errno;
	dir = openat(core->state_dir, "config", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0)
		return -errno;
	for (size_t i = 0; i < LIMIT_FDS; i++) {
		ssize_t n = pread(core->config_in_force[i], bytes, LIMIT_CONFIG, 0);
		int r = n < 0 ? -errno : file_replace_at(dir, names[i], bytes, (size_t)n, 0600);

		if (r < 0)
			return r;
	}
	return 0;
}

/* A terminal.conf that names another terminal than the enrolment is a mistake, not a move. */
static bool terminal_agrees(struct Core *core)
{
	const struct TerminalRow *t = policy_terminal(core->policy_incoming);

	if (str_eq(t->id, core->state.terminal) && str_eq(t->domain, core->state.domain))
		return true;
	snprintf(core->config_error, sizeof(core->config_error), "terminal.conf: %s at %s; enrolled: %s at %s", t->id,
		t->domain, core->state.terminal, core->state.domain);
	return false;
}

static int config_accept(struct Core *core)
{
	bool observed = observe_meant(core);
	int r;

	policy_free(core->policy);
	core->policy = core->policy_incoming;
	core->policy_incoming = NULL;
	for (size_t i = 0; i < LIMIT_FDS; i++) {
		fd_close(core->config_in_force[i]);
		core->config_in_force[i] = fd_steal(&core->config_texts[i]);
	}
	if (!core->config_is_last_good) {
		r = texts_save(core);
		if (r < 0)
			log_warning("the last good configuration cannot be kept: %s", strerror(-r));
	}
	core->config_on_record = false;
	r = config_tell(core);
	if (r >= 0)
		r = observe_changed(core, observed);
	if (r < 0)
		return r;
	log_info("configuration in force%s", core->config_is_last_good ? " (the last good one)" : "");
	return boot_ready(core);
}

static int config_failed(struct Core *core)
{
	_cleanup_fd_ int dir = -1;
	int r;

	log_error("configuration: %s", core->config_error);
	r = config_record(core, NULL);
	if (r < 0)
		return r;
	if (core->policy || core->config_is_last_good)
		return boot_ready(core);
	core->config_is_last_good = true;
	dir = openat(core->state_dir, "config", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (dir < 0) {
		log_error("there is no last good configuration: nothing is let in");
		return boot_ready(core);
	}
	return config_load(core, dir);
}

int config_message(void *owner, struct Peer *p, struct Message *m)
{
	struct Core *core = owner;
	int r;

	if (!core->policy_incoming)
		return CHANNEL_BROKEN;
	if (m->type == MSG_LOAD_END) {
		const struct MsgLoadEnd *end = &m->body.LOAD_END;
		bool whole = !end->fault && end->n_rows == core->n_rows && policy_terminal(core->policy_incoming);

		peer_stop(p, false);
		if (whole && terminal_agrees(core))
			return config_accept(core);
		if (!whole)
			STR_CUT(core->config_error, end->subject[0] ? end->subject : "rows are missing");
		return config_failed(core);
	}
	core->n_rows++;
	r = policy_add(core->policy_incoming, m->type, &m->body);
	return r > 0 ? CHANNEL_BROKEN : r;
}

int config_end(void *owner, struct Peer *p)
{
	struct Core *core = owner;

	(void)p;
	STR_CUT(core->config_error, "the reader of the configuration failed");
	return config_failed(core);
}
