/* SPDX-License-Identifier: Apache-2.0 */
#include "copy_rig.h"

#include "confine.h"
#include "folder_note.h"
#include "hex.h"
#include "medium.h"
#include "str.h"
#include "unseal.h"

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

#define MUST(condition)                                                                          \
	do {                                                                                     \
		if (!(condition)) {                                                              \
			fprintf(stderr, "rig: %s:%d: %s (%s)\n", __FILE__, __LINE__, #condition, \
			        strerror(errno));                                                \
			abort();                                                                 \
		}                                                                                \
	} while (0)

/* ------------------------------------------------------------------ the stage */

void rig_start(struct Rig *r, enum JobKind kind)
{
	char folder[64];
	char path[128];

	*r = (struct Rig){
	        .limits = job_limits,
	        .core = -1,
	        .person = -1,
	        .pipe = -1,
	        .stop_fault = FAULT_MEDIUM_GONE,
	        .order = {.kind = (uint8_t)kind,
	                .medium = "USB-0007",
	                .checkout = "C-1",
	                .copy = "7KQ2M0ZBXW93",
	                .domain = "example.org",
	                .terminal = "T1",
	                .settings = {.own_password = 1, .own_password_length = 20, .recipient_files = 1},
	                .n_issuers = 1},
	};
	r->limits.grace = 0;
	r->limits.part_size = 1 << 20;
	rig_vkey(r->issuer.vkey);
	snprintf(folder, sizeof(folder), "/tmp/mediagate-rig-XXXXXX");
	MUST(mkdtemp(folder));
	STR_CUT(r->folder, folder);
	for (size_t i = 0; i < 3; i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, (const char *[]){"medium", "in", "out"}[i]);
		MUST(mkdir(path, 0700) == 0);
	}
}

static void rig_forget(struct Rig *r)
{
	free(r->out_files);
	free(r->lines);
	free(r->found);
	free(r->listed);
	r->out_files = NULL;
	r->lines = NULL;
	r->found = NULL;
	r->listed = NULL;
	r->n_out_files = r->n_lines = r->n_found = r->n_listed = 0;
	r->n_messages = r->n_asked = r->n_progress = r->passes = 0;
	r->next_secret = 0;
	r->published = r->has_done = false;
	r->password[0] = '\0';
}

void rig_done(struct Rig *r)
{
	rig_forget(r);
	MUST(rig_shell(r, "rm -rf medium in out") == 0);
	MUST(rmdir(r->folder) == 0);
}

static const char *rig_path(struct Rig *r, const char *path, char ret[static 4096])
{
	snprintf(ret, 4096, "%s/%s", r->folder, path);
	return ret;
}

int rig_shell(struct Rig *r, const char *command)
{
	char line[8192];

	snprintf(line, sizeof(line), "cd '%s' && { %s\n}", r->folder, command);
	return system(line);
}

void rig_write(struct Rig *r, const char *path, const void *bytes, size_t n)
{
	char full[4096];
	int fd = open(rig_path(r, path, full), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	MUST(fd >= 0);
	for (size_t at = 0; at < n;) {
		ssize_t k = write(fd, (const uint8_t *)bytes + at, n - at);

		MUST(k > 0);
		at += (size_t)k;
	}
	close(fd);
}

void rig_write_marked(struct Rig *r, const char *path, size_t size)
{
	size_t mark = strlen(RIG_MARK);
	uint8_t *bytes = malloc(size + mark);

	MUST(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = i % 4096 < mark ? (uint8_t)RIG_MARK[i % 4096] : (uint8_t)(i * 31 >> 4);
	rig_write(r, path, bytes, size);
	free(bytes);
}

void rig_add(struct Rig *r, const char *path, const char *name)
{
	MUST(r->n_files < RIG_FILES);
	r->files[r->n_files++] = (struct RigFile){.path = path, .name = name};
}

/* ------------------------------------------------------------------ the person */

#define KEEP(array, count, value)                                               \
	do {                                                                    \
		(array) = reallocarray((array), (count) + 1, sizeof(*(array))); \
		MUST(array);                                                    \
		(array)[(count)++] = (value);                                   \
	} while (0)

static void person_say(struct Rig *r, enum MessageType type, const void *body, const int *fds, size_t n)
{
	int k = channel_send(r->person, type, body, fds, n);

	MUST(k == 0 || k == CHANNEL_CLOSED);
}

static void person_entry(struct Rig *r, uint64_t index)
{
	struct MsgEntry entry = {.index = index};
	const struct RigFile *f = &r->files[index % RIG_FILES];
	char full[4096];
	int fd = -1;

	if (r->many) {
		fd = open(rig_path(r, r->many(index, entry.name), full), O_RDONLY | O_CLOEXEC);
		MUST(fd >= 0);
	} else {
		STR_CUT(entry.name, f->name);
		entry.fault = (uint16_t)f->fault;
	}
	if (!r->many && f->path) {
		fd = open(rig_path(r, f->path, full), f->flags | O_CLOEXEC | O_NONBLOCK);
		MUST(fd >= 0);
	}
	person_say(r, MSG_ENTRY, &entry, &fd, fd >= 0 ? 1 : 0);
	if (fd >= 0)
		close(fd);
}

static void person_want(struct Rig *r, const struct MsgWant *want)
{
	uint64_t n = r->many ? r->n_many : r->n_files;
	struct MsgEntriesEnd end = {n};
	struct MsgSecret secret = r->secrets[0];
	int pem[2] = {-1, -1};

	MUST(want->n <= LIMIT_IN_FLIGHT);
	if (want->index == 0 && r->passes++ == 1 && r->second_pass)
		r->second_pass(r);
	for (uint64_t i = want->index; i < MIN(want->index + want->n, n); i++)
		person_entry(r, i);
	if (want->index + want->n <= n)
		return;
	person_say(r, MSG_ENTRIES_END, &end, NULL, 0);
	if (r->passes != 1)
		return;
	if (r->pem[0]) {
		MUST(pipe2(pem, O_CLOEXEC) == 0);
		MUST(write(pem[1], r->pem[0], strlen(r->pem[0])) >= 0);
		close(pem[1]);
		secret.has_certificate = 1;
	}
	person_say(r, MSG_SECRET, &secret, pem, pem[0] >= 0 ? 1 : 0);
	fd_close(pem[0]);
}

static void person_answer(struct Rig *r)
{
	uint64_t k = MIN(r->next_secret, 2u);
	struct MsgSecret secret = r->secrets[k];
	int pem[2] = {-1, -1};

	r->next_secret++;
	r->n_asked++;
	if (r->pem[k]) {
		MUST(pipe2(pem, O_CLOEXEC) == 0);
		MUST(write(pem[1], r->pem[k], strlen(r->pem[k])) >= 0);
		close(pem[1]);
		secret.has_certificate = 1;
	}
	person_say(r, MSG_SECRET, &secret, pem, pem[0] >= 0 ? 1 : 0);
	fd_close(pem[0]);
}

/* Takes a member from a pipe into out/<name>; a forked cat, so that the script can go on. */
static void person_make(struct Rig *r, const struct MsgMake *make)
{
	struct MsgMade made = {};
	char full[4096], name[2048];
	int pair[2], out;
	pid_t pid;

	snprintf(name, sizeof(name), "out/%s", make->name[0] ? make->name : "it");
	for (char *slash = strchr(name + 4, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		MUST(mkdir(rig_path(r, name, full), 0700) == 0 || errno == EEXIST);
		*slash = '/';
	}
	MUST(pipe2(pair, O_CLOEXEC) == 0);
	pid = fork();
	MUST(pid >= 0);
	if (pid == 0) {
		char bytes[4096];
		ssize_t n;

		close(pair[1]);
		fd_close(r->person);
		fd_close(r->core);
		out = open(rig_path(r, name, full), O_WRONLY | O_CREAT | O_TRUNC, 0600);
		while (out >= 0 && (n = read(pair[0], bytes, sizeof(bytes))) > 0)
			if (write(out, bytes, (size_t)n) != n)
				_exit(1);
		_exit(out < 0);
	}
	close(pair[0]);
	r->n_cats++;
	person_say(r, MSG_MADE, &made, &pair[1], 1);
	close(pair[1]);
}

static void person_message(struct Rig *r, struct Message *m)
{
	struct MsgMade made = {};

	switch (m->type) {
	case MSG_WANT:
		person_want(r, &m->body.WANT);
		break;
	case MSG_PROGRESS:
		r->n_progress++;
		break;
	case MSG_PASSWORD:
		STR_CUT(r->password, m->body.PASSWORD.password);
		break;
	case MSG_LISTED:
		KEEP(r->listed, r->n_listed, m->body.LISTED);
		break;
	case MSG_ASK_SECRET:
		person_answer(r);
		break;
	case MSG_MAKE:
		person_make(r, &m->body.MAKE);
		break;
	case MSG_PUBLISH:
		r->published = true;
		r->verified = m->body.PUBLISH.verified;
		person_say(r, MSG_MADE, &made, NULL, 0);
		break;
	default:
		MUST(false && "a message for the person");
	}
}

/* ------------------------------------------------------------------ core */

static char *note_text(struct Rig *r)
{
	char *text = NULL, hex[2 * DIGEST_SIZE + 1];
	size_t size;
	FILE *out = open_memstream(&text, &size);

	MUST(out);
	fprintf(out, "mediagate/copy/v1\n%s\n", r->order.copy);
	for (size_t i = 0; i < r->n_lines; i++) {
		hex_encode(r->lines[i].sha256, DIGEST_SIZE, hex);
		if (r->bad_note && i == 0)
			hex[0] = hex[0] == 'a' ? 'b' : 'a';
		fprintf(out, "%s  %s\n", hex, r->lines[i].name);
	}
	fclose(out);
	return text;
}

static void core_proceed(struct Rig *r)
{
	struct MsgProceed go = {.fault = (uint16_t)r->proceed_fault};
	char *text, *note;
	int fd = -1;

	if (r->ready)
		r->ready(r);
	if (r->order.kind == JOB_COPY && !r->proceed_fault) {
		text = note_text(r);
		note = rig_sign(text);
		fd = memfd_create("note", MFD_CLOEXEC);
		MUST(fd >= 0 && write(fd, note, strlen(note)) == (ssize_t)strlen(note));
		free(text);
		free(note);
	}
	MUST(channel_send(r->core, MSG_PROCEED, &go, &fd, fd >= 0 ? 1 : 0) != -EINVAL);
	fd_close(fd);
}

static void core_message(struct Rig *r, struct Message *m)
{
	MUST(!r->has_done);
	switch (m->type) {
	case MSG_JOB_FILE:
		KEEP(r->out_files, r->n_out_files, m->body.JOB_FILE);
		break;
	case MSG_JOB_LINE:
		KEEP(r->lines, r->n_lines, m->body.JOB_LINE);
		break;
	case MSG_JOB_FOUND:
		KEEP(r->found, r->n_found, m->body.JOB_FOUND);
		break;
	case MSG_JOB_READY:
		r->report = m->body.JOB_READY;
		core_proceed(r);
		break;
	case MSG_JOB_DONE:
		r->done = m->body.JOB_DONE;
		r->has_done = true;
		break;
	default:
		MUST(false && "a message for core");
	}
}

/* ------------------------------------------------------------------ playing it */

static void play_job(struct Rig *r, int core, int person)
{
	char full[4096];
	int root = open(rig_path(r, "medium", full), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	/* as it is born: in core's filter, and before its own */
	if (core_confine() < 0)
		_exit(120);
	if (r->forked)
		r->forked(r);
	_exit(job_serve(core, person, root, &r->limits) < 0);
}

static void cut(struct Rig *r)
{
	struct MsgJobStop stop = {.fault = (uint16_t)r->stop_fault};

	if (r->cut == CUT_PERSON)
		r->person = fd_close(r->person);
	if (r->cut == CUT_SHUTDOWN && r->person >= 0)
		shutdown(r->person, SHUT_WR);
	if (r->cut == CUT_STOP)
		MUST(channel_send(r->core, MSG_JOB_STOP, &stop, NULL, 0) != -EINVAL);
	if (r->cut == CUT_CORE)
		r->core = fd_close(r->core);
}

static void hear(struct Rig *r, int *fd, void (*message)(struct Rig *, struct Message *))
{
	_cleanup_message_ struct Message m = {};
	int k = channel_receive(*fd, &m);

	if (k == CHANNEL_CLOSED) {
		*fd = fd_close(*fd);
		return;
	}
	MUST(k == 0);
	if (m.type != MSG_PROGRESS) /* these come by the clock: cuts would not repeat */
		r->n_messages++;
	message(r, &m);
	if (m.type != MSG_PROGRESS && r->cut && r->n_messages == r->cut_at)
		cut(r);
}

/* Forks the job; core's end and, unless it is a real one, the person's are ours. */
static void job_start(struct Rig *r, int person_theirs, int person_ours)
{
	int core[2];

	rig_forget(r);
	MUST(channel_pair(core) == 0);
	r->pid = fork();
	MUST(r->pid >= 0);
	if (r->pid == 0) {
		close(core[0]);
		fd_close(person_ours);
		play_job(r, core[1], person_theirs);
	}
	close(core[1]);
	close(person_theirs);
	r->core = core[0];
	r->person = person_ours;
	MUST(channel_send(r->core, MSG_JOB, &r->order, NULL, 0) == 0);
	for (unsigned int i = 0; i < r->order.n_issuers; i++)
		MUST(channel_send(r->core, MSG_JOB_ISSUER, &r->issuer, NULL, 0) == 0);
}

static void play(struct Rig *r)
{
	while (r->core >= 0 || r->person >= 0) {
		struct pollfd p[2] = {{.fd = r->core, .events = POLLIN}, {.fd = r->person, .events = POLLIN}};
		int k = poll(p, 2, 60000);

		MUST(k > 0);
		if (p[0].revents)
			hear(r, &r->core, core_message);
		if (p[1].revents && r->person >= 0)
			hear(r, &r->person, person_message);
	}
	MUST(waitpid(r->pid, &r->status, 0) == r->pid);
	while (r->n_cats) {
		MUST(waitpid(-1, NULL, 0) > 0);
		r->n_cats--;
	}
}

void rig_run(struct Rig *r)
{
	int person[2];

	MUST(channel_pair(person) == 0);
	job_start(r, person[1], person[0]);
	play(r);
}

void rig_serve(struct Rig *r, int person)
{
	job_start(r, person, -1);
	play(r);
}

/* ------------------------------------------------------------------ what came of it */

bool rig_exists(struct Rig *r, const char *path)
{
	char full[4096];

	return access(rig_path(r, path, full), F_OK) == 0;
}

bool rig_same(struct Rig *r, const char *a, const char *b)
{
	char line[2048];

	snprintf(line, sizeof(line), "cmp -s '%s' '%s'", a, b);
	return rig_shell(r, line) == 0;
}

unsigned int rig_count(struct Rig *r, const char *prefix)
{
	char full[4096];
	DIR *d = opendir(rig_path(r, "medium", full));
	unsigned int n = 0;

	MUST(d);
	for (struct dirent *e; (e = readdir(d));)
		n += !str_eq(e->d_name, ".") && !str_eq(e->d_name, "..") &&
		     !strncmp(e->d_name, prefix, strlen(prefix));
	closedir(d);
	return n;
}

bool rig_medium_hides(struct Rig *r)
{
	/* grep: 1 is not found */
	return WEXITSTATUS(rig_shell(r, "grep -rqa '" RIG_MARK "' medium")) == 1;
}

static bool folder_whole(int root, const char *name, const char *copy)
{
	_cleanup_fd_ int dir = openat(root, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_note_ struct FolderNote note = {};
	struct UnsealWhere where;
	struct Folder f;
	uint64_t bytes;

	return dir >= 0 && !folder_look(dir, copy, &f) && !folder_note_read(dir, copy, &note) &&
	       !folder_check(&(struct SealedFolder){dir, &f, note.bytes, note.text_size}, &bytes, &where);
}

bool rig_medium_whole(struct Rig *r)
{
	char full[4096], copy[LIMIT_ID];
	DIR *d = opendir(rig_path(r, "medium", full));
	bool whole = true;

	MUST(d);
	for (struct dirent *e; (e = readdir(d));)
		if (medium_entry(e->d_name, copy) == MEDIUM_COPY)
			whole = whole && folder_whole(dirfd(d), e->d_name, copy);
	closedir(d);
	return whole;
}
