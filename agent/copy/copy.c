/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Makes an encrypted copy. Two passes over the same entries: the first learns names and sizes, from which
 * the parts and the room they need are known before a byte is written; the second brings the bytes, and
 * every file must still be the one that was seen.
 *
 * Order at the end: everything synced under the temporary name -> core has it on record and the note
 * signed -> note -> password to the person -> rename. The password goes first because a copy in force
 * whose password nobody has would be worse than a password without a copy.
 */
#include "clock.h"
#include "entries.h"
#include "job.h"
#include "medium.h"
#include "open_txt.h"
#include "password.h"
#include "pipes.h"
#include "reader.h"
#include "seal.h"
#include "secrets.h"
#include "str.h"
#include "unseal.h"
#include "walk.h"

#include <fcntl.h>

#define CHECK_EVERY 8 /* slots: about a megabyte, a millisecond */

struct Copy {
	struct Job *job;
	struct Reader *reader;
	struct Entries entries;
	struct SealPlan plan;
	struct Secrets *secrets;
	struct Certificate *certificate;
	struct Medium medium;
	struct Seal *seal;
	struct MsgJobReady ready;
	struct MsgProgress progress;
};

static void copy_done(struct Copy *c)
{
	seal_freep(&c->seal);
	medium_done(&c->medium);
	certificate_freep(&c->certificate);
	secrets_freep(&c->secrets);
	entries_free(&c->entries);
}

/* ------------------------------------------------------------------ first pass */

static int sweep_one(void *owner, const struct WalkItem *item)
{
	struct Job *j = owner;
	struct MsgJobFound found = {.found = FOUND_LEFTOVER};
	bool gone;
	int r;

	if (item->entry != MEDIUM_LEFTOVER)
		return 0;
	/* the power went in the middle of the rename and left both names of one folder: what is removed by
	   the one would be gone from the other */
	if (medium_has_copy(j->root, item->copy))
		return 0;
	r = medium_remove(j->root, item->name, item->copy, &found.size, &gone);
	if (r || !gone)
		return r;
	STR_CUT(found.copy, item->copy);
	STR_CUT(found.name, item->name);
	return job_tell(j, MSG_JOB_FOUND, &found);
}

static struct TarMember member_of(const struct Copy *c, size_t i)
{
	const struct FileFacts *f = &c->entries.rows[i].facts;

	return (struct TarMember){
	        .name = entries_name(&c->entries, i), .size = f->size, .mtime = f->mtime / 1000000000};
}

/* More than the parts of a copy can number is terabytes: no medium has room for it. */
static int plan_fault(struct Copy *c, int fault, const char *name)
{
	if (fault == FAULT_TOO_MANY)
		return job_fail(c->job, FAULT_MEDIUM_FULL, c->job->order.medium);
	return job_fail(c->job, fault, name);
}

static int plan_entry(struct Copy *c, const struct Slot *s)
{
	struct TarMember m;
	int r;

	if (s->index != c->entries.n || !s->first || !s->last)
		return -EBADMSG;
	r = tar_name_check(s->name);
	if (!r)
		r = entries_add(&c->entries, s->name, &s->facts);
	if (r > 0)
		return job_fail(c->job, r, s->name);
	if (r < 0)
		return r;
	m = member_of(c, c->entries.n - 1);
	r = seal_plan_add(&c->plan, &m);
	return r > 0 ? plan_fault(c, r, s->name) : r;
}

static int plan_all(struct Copy *c)
{
	int r = seal_plan_start(&c->plan, c->job->order.copy, clock_now() / 1000);

	if (r)
		return r;
	c->plan.part_size = c->job->limits->part_size;
	reader_pass(c->reader, PASS_FACTS);
	for (;;) {
		const uint8_t *bytes;
		struct Slot s;

		r = reader_next(c->reader, c->job, &s, &bytes);
		if (r)
			return r;
		if (s.kind == SLOT_ENTRY)
			r = plan_entry(c, &s);
		reader_release(c->reader);
		if (r)
			return r;
		if (s.kind == SLOT_END)
			break;
	}
	if (!c->entries.n)
		return job_fail(c->job, FAULT_BAD_REQUEST, "no file");
	r = seal_plan_end(&c->plan);
	return r > 0 ? plan_fault(c, r, "") : r;
}

/* Refused up front rather than after half an hour. */
static int check_room(const struct Copy *c)
{
	uint64_t bytes, unit, note = 1024 + (uint64_t)(c->plan.parts + 1) * (PART_NAME + 68);
	int r = medium_room(c->job->root, &bytes, &unit);

	if (r)
		return r;
	/* each file is rounded up; two units for the folder itself */
	if (seal_plan_room(&c->plan, 1) + OPEN_TEXT + note + (c->plan.parts + 4) * unit > bytes)
		return FAULT_MEDIUM_FULL;
	return 0;
}

/* ------------------------------------------------------------------ how it is encrypted */

static int take_certificate(struct Copy *c, const struct MsgSecret *secret)
{
	struct Job *j = c->job;
	const char *reason = "", *name = secret->recipient[0] ? secret->recipient : "of the recipient";
	_cleanup_free_ uint8_t *pem = NULL;
	size_t size;
	int r;

	if (!secret->recipient[0] && !j->order.settings.recipient_files)
		return FAULT_RECIPIENT_FILE;
	if (c->secrets->message.n_fds != 1 || secret->password[0])
		return job_fail(j, FAULT_BAD_REQUEST, "certificate");
	pem = malloc(CRYPTO_PEM);
	if (!pem)
		return -ENOMEM;
	r = pipe_take(j, c->secrets->message.fds[0]);
	if (!r)
		r = pipe_read(j, c->secrets->message.fds[0], pem, CRYPTO_PEM, &size);
	if (!r)
		r = certificate_read(pem, size, clock_now(), &c->certificate, &reason);
	if (r > 0)
		return job_fail(j, r, name);
	if (r < 0)
		return r;
	c->ready.by_certificate = 1;
	certificate_digest(c->certificate, c->ready.certificate);
	STR_CUT(c->ready.recipient, secret->recipient);
	return 0;
}

/* The password ends up in secrets->made, whoever made it. */
static int take_password(struct Copy *c, const struct MsgSecret *secret)
{
	const struct SettingsRow *settings = &c->job->order.settings;
	char subject[24];
	size_t wanted;
	int r;

	c->ready.by_password = 1;
	if (!secret->password[0])
		return password_make(c->secrets->made.password);
	if (!settings->own_password)
		return FAULT_OWN_PASSWORD;
	r = password_check(secret->password, settings->own_password_length, &wanted);
	if (!r)
		STR_CUT(c->secrets->made.password, secret->password);
	snprintf(subject, sizeof(subject), "%zu", wanted);
	return r > 0 ? job_fail(c->job, r, subject) : r;
}

static int take_secret(struct Copy *c)
{
	struct Secrets *s = c->secrets;
	const struct MsgSecret *secret = &s->message.body.SECRET;
	int r = job_hear(c->job, MSG_SECRET, &s->message);

	secrets_wipe_stack();
	if (!r)
		r = secret->has_certificate ? take_certificate(c, secret) : take_password(c, secret);
	message_done(&s->message);
	return r;
}

/* ------------------------------------------------------------------ second pass */

static int part_open(void *owner, const struct PartName *part, const char *name, uint64_t size)
{
	struct Copy *c = owner;

	(void)part;
	(void)size;
	return medium_file_begin(&c->medium, name);
}

static int part_write(void *owner, const void *bytes, size_t n)
{
	struct Copy *c = owner;

	return medium_file_write(&c->medium, bytes, n);
}

static int line_tell(struct Copy *c, const char *name, const uint8_t sha256[static DIGEST_SIZE])
{
	struct MsgNoteLine line = {};

	STR_CUT(line.copy, c->job->order.copy);
	STR_CUT(line.name, name);
	memcpy(line.sha256, sha256, DIGEST_SIZE);
	c->ready.n_lines++;
	return job_tell(c->job, MSG_JOB_LINE, &line);
}

static int part_close(
        void *owner, const struct PartName *part, const char *name, const uint8_t sha256[static 32])
{
	struct Copy *c = owner;
	int r = medium_file_end(&c->medium);

	(void)part;
	return r ? r : line_tell(c, name, sha256);
}

static int seal_start(struct Copy *c)
{
	struct SealOutput output = {.owner = c, .open = part_open, .write = part_write, .close = part_close};
	const struct Certificate *certificates[] = {c->certificate};
	struct CmsRecipients to = {.certificates = certificates, .n_certificates = c->certificate ? 1 : 0};

	if (c->ready.by_password) {
		to.password = c->secrets->made.password;
		to.password_size = strlen(to.password);
	}
	return seal_new(&c->plan, &to, &output, &c->seal);
}

static int file_tell(struct Copy *c, size_t i, const uint8_t sha256[static DIGEST_SIZE])
{
	struct MsgJobFile file = {.size = c->entries.rows[i].facts.size};

	STR_CUT(file.name, entries_name(&c->entries, i));
	memcpy(file.sha256, sha256, DIGEST_SIZE);
	return job_tell(c->job, MSG_JOB_FILE, &file);
}

static int slot_seal(struct Copy *c, const struct Slot *s, const uint8_t *bytes)
{
	uint8_t sha256[DIGEST_SIZE];
	size_t i = (size_t)c->progress.files;
	int r = 0;

	if (i >= c->entries.n || s->index != i)
		return job_fail(c->job, FAULT_BAD_REQUEST, "entry");
	if (!entries_same(&c->entries, i, s->name, &s->facts) ||
	        (s->last && !entries_same(&c->entries, i, s->name, &s->after)))
		return job_fail(c->job, FAULT_FILE_CHANGED, entries_name(&c->entries, i));
	if (s->first) {
		struct TarMember m = member_of(c, i);

		r = seal_begin(c->seal, &m);
	}
	if (!r && s->size)
		r = seal_data(c->seal, bytes, s->size);
	c->progress.bytes += s->size;
	if (!r && s->last) {
		r = seal_end(c->seal, sha256);
		if (!r)
			r = file_tell(c, i, sha256);
		c->progress.files++;
	}
	return r == FAULT_FILE_CHANGED ? job_fail(c->job, r, entries_name(&c->entries, i)) : r;
}

static int write_all(struct Copy *c)
{
	c->progress = (struct MsgProgress){.of = c->plan.bytes, .of_files = c->plan.files};
	reader_pass(c->reader, PASS_CONTENTS);
	for (unsigned int n = 0;; n++) {
		const uint8_t *bytes;
		struct Slot s;
		int r = n % CHECK_EVERY ? 0 : job_check(c->job);

		if (!r)
			r = reader_next(c->reader, c->job, &s, &bytes);
		if (r)
			return r;
		if (s.kind == SLOT_END) {
			reader_release(c->reader);
			break;
		}
		r = slot_seal(c, &s, bytes);
		reader_release(c->reader);
		if (r)
			return r;
		job_progress(c->job, &c->progress, false);
	}
	if (c->progress.files != c->entries.n)
		return job_fail(c->job, FAULT_BAD_REQUEST, "entries");
	return seal_finish(c->seal);
}

/* A small file of our own making beside the parts. */
static int write_small(struct Copy *c, const char *name, const void *bytes, size_t n)
{
	int r = medium_file_begin(&c->medium, name);

	if (!r)
		r = medium_file_write(&c->medium, bytes, n);
	return r ? r : medium_file_end(&c->medium);
}

static int write_open_text(struct Copy *c)
{
	struct OpenFacts facts = {
	        .copy = c->job->order.copy,
	        .domain = c->job->order.domain,
	        .terminal = c->job->order.terminal,
	        .password = c->ready.by_password,
	        .certificate = c->ready.by_certificate,
	};
	_cleanup_free_ char *text = malloc(OPEN_TEXT);
	uint8_t sha256[DIGEST_SIZE];
	ssize_t n;
	int r;

	if (!text)
		return -ENOMEM;
	n = open_text(&facts, text, OPEN_TEXT);
	if (n < 0)
		return (int)n;
	r = crypto_sha256(text, (size_t)n, sha256);
	if (!r)
		r = write_small(c, OPEN_NAME, text, (size_t)n);
	return r ? r : line_tell(c, OPEN_NAME, sha256);
}

/* ------------------------------------------------------------------ commit */

static int write_note(struct Copy *c)
{
	char name[PART_NAME], bytes[4096];
	uint64_t at = 0;
	int r;

	if (c->job->note < 0)
		return -EPROTO;
	note_name(c->job->order.copy, name);
	r = medium_file_begin(&c->medium, name);
	while (!r) {
		ssize_t n = pread(c->job->note, bytes, sizeof(bytes), (off_t)at);

		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		at += (uint64_t)n;
		r = at > NOTE_SIZE ? -EFBIG : medium_file_write(&c->medium, bytes, (size_t)n);
	}
	return r ? r : medium_file_end(&c->medium);
}

static int commit(struct Copy *c)
{
	struct Job *j = c->job;
	int r;

	c->ready.files = j->files = c->plan.files;
	c->ready.bytes = j->bytes = c->plan.bytes;
	c->ready.parts = j->parts = c->plan.parts;
	job_progress(j, &c->progress, true);
	r = job_ready(j, &c->ready);
	if (!r)
		r = write_note(c);
	if (!r && c->ready.by_password)
		r = job_say(j, MSG_PASSWORD, &c->secrets->made);
	if (!r)
		r = job_check(j);
	if (!r)
		r = medium_commit(&c->medium);
	j->committed = r == 0;
	return r;
}

static int copy_run(struct Copy *c)
{
	int r = medium_mark(c->job->root);

	if (!r)
		r = walk_root(c->job, sweep_one, c->job);
	if (!r)
		r = secrets_new(&c->secrets);
	if (!r)
		r = plan_all(c);
	if (!r)
		r = check_room(c);
	if (!r)
		r = take_secret(c);
	if (!r)
		r = medium_begin(&c->medium, c->job->root, c->job->order.copy);
	if (!r)
		r = seal_start(c);
	if (!r)
		r = write_all(c);
	if (!r)
		r = write_open_text(c);
	return r ? r : commit(c);
}

int job_copy(struct Job *j, struct Reader *reader)
{
	struct Copy c = {.job = j, .reader = reader, .medium = MEDIUM_NULL};
	int r = copy_run(&c);

	copy_done(&c);
	if (r) /* the unmount takes the mark away: what was swept or undone must be on the disk before it */
		(void)medium_sync(j->root);
	return r;
}
