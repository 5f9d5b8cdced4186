/* SPDX-License-Identifier: Apache-2.0 */
#include "year.h"

#include "base64.h"
#include "clock.h"
#include "dir.h"
#include "file.h"
#include "line.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>

/* The new ledger's lines as they come, and its tree. */
struct Pages {
	const struct YearTurn *turn;
	struct Tree tree;
	char *bytes;
	size_t n, room;
};

static void pages_done(struct Pages *p)
{
	free(p->bytes);
}

static int pages_add(struct Pages *p, const struct Record *r)
{
	struct LineHead head = {
	        .n = p->tree.size, .time = clock_now(), .terminal = p->turn->enrolment->terminal};
	struct Crypto *c = p->turn->old->seal->crypto;
	uint8_t leaf[HASH_SIZE];
	size_t n;
	int e;

	if (p->n + LIMIT_LINE + 1 > p->room) {
		size_t room = 2 * p->room + 16 * LIMIT_LINE;
		char *more = realloc(p->bytes, room);

		if (!more)
			return -ENOMEM;
		p->bytes = more;
		p->room = room;
	}
	if (line_build(r, &head, p->bytes + p->n, &n))
		return -EINVAL;
	e = crypto_leaf(c, p->bytes + p->n, n, leaf);
	if (e >= 0)
		e = tree_add(&p->tree, c, leaf);
	p->n += n;
	p->bytes[p->n++] = '\n';
	return e;
}

/* ------------------------------------------------------------------ the records */

/* The last checkpoint's own signature, as it stands in its note. */
static int old_signature(const struct Store *old, char *ret, size_t size)
{
	char note[SEAL_CHECKPOINT + 1], *line, *space;
	ssize_t n = file_read_at(old->dir, STORE_CHECKPOINT, note, SEAL_CHECKPOINT);

	if (n < 0)
		return (int)n;
	note[n] = '\0';
	line = strstr(note, "\n\n");
	space = line ? strrchr(line, ' ') : NULL;
	return space ? str_set_n(ret, size, space + 1, strcspn(space + 1, "\n")) : -EBADMSG;
}

/* Record 0: the year before ends there, and its key vouches for ours. */
static int add_year(struct Pages *p, const char *vkey)
{
	const struct Store *old = p->turn->old;
	char certified[STORE_SIGNATURE], signature[BASE64_SIZE(4 + SIGNATURE_SIZE)];
	struct Checkpoint last;
	struct Record r;
	int e = store_certify(old, year_format, vkey, &last, certified);

	if (e >= 0)
		e = old_signature(old, signature, sizeof(signature));
	if (e < 0)
		return e;
	record_start(&r, RECORD_YEAR, RESULT_DONE);
	record_text(&r, KEY_ORIGIN, last.origin);
	record_number(&r, KEY_SIZE, last.size);
	record_bytes(&r, KEY_ROOT, last.root, sizeof(last.root));
	record_text(&r, KEY_SIGNATURE, signature);
	record_text(&r, KEY_VKEY, vkey);
	record_text(&r, KEY_CERTIFIED, certified);
	return pages_add(p, &r);
}

static void carry_start(struct Record *r, enum RecordResult result, enum RecordKind kind)
{
	record_start(r, RECORD_CARRY, result);
	record_text(r, KEY_CARRIED, record_kind_word(kind));
}

static int add_medium(struct Pages *p, const struct MediumRow *m)
{
	struct Record r;

	carry_start(&r, RESULT_DONE, RECORD_REGISTER);
	STR_SET(r.medium, m->number);
	record_bytes(&r, KEY_IDENTITY, m->identity, sizeof(m->identity));
	record_text(&r, KEY_SUPERVISOR, m->supervisor);
	record_number(&r, KEY_SIZE, m->size);
	if (m->counter) {
		record_text(&r, KEY_REGISTRATION, m->registration);
		record_number(&r, KEY_COUNTER, m->counter);
		record_bytes(&r, KEY_LABEL, m->label, sizeof(m->label));
	}
	return pages_add(p, &r);
}

static int add_checkout(struct Pages *p, const struct CheckoutRow *c)
{
	struct Record r;
	int e;

	carry_start(&r, RESULT_DONE, RECORD_CHECKOUT);
	STR_SET(r.medium, c->medium);
	STR_SET(r.checkout, c->id);
	record_text(&r, KEY_CLERK, c->clerk);
	if (*c->supervisor)
		record_text(&r, KEY_SUPERVISOR, c->supervisor);
	record_text(&r, KEY_PURPOSE, c->purpose);
	record_text(&r, KEY_GROUND, c->ground);
	record_text(&r, KEY_DESTINATION, c->destination);
	if (c->from)
		record_time(&r, KEY_FROM, c->from);
	record_time(&r, KEY_UNTIL, c->until);
	if (*c->terminals)
		record_text(&r, KEY_TERMINALS, c->terminals);
	record_flag(&r, KEY_CARRY_OUT, c->carry_out);
	record_flag(&r, KEY_LOCKED_CARRIER, c->locked_carrier);
	e = pages_add(p, &r);
	if (e < 0 || c->state != CHECKOUT_OVERDUE)
		return e;
	carry_start(&r, RESULT_DONE, RECORD_OVERDUE);
	STR_SET(r.medium, c->medium);
	STR_SET(r.checkout, c->id);
	return pages_add(p, &r);
}

static int add_pending(struct Pages *p, const struct PendingRow *row)
{
	const struct Fold *f = p->turn->state;
	struct Record r;

	carry_start(&r, RESULT_INTENT, (enum RecordKind)row->kind);
	STR_SET(r.actor, row->actor);
	STR_SET(r.medium, row->medium);
	STR_SET(r.checkout, row->checkout);
	if (*row->copy)
		record_text(&r, KEY_COPY, row->copy);
	record_number(&r, KEY_FIRST, row->n);
	/* one of two labels that the medium may carry: which, the next look at it says */
	for (size_t i = 0; i < f->n_media && row->kind == RECORD_LABEL; i++)
		if (f->media[i].intent == row->n) {
			record_number(&r, KEY_COUNTER, f->media[i].intent_counter);
			record_bytes(&r, KEY_LABEL, f->media[i].intent_label, DIGEST_SIZE);
		}
	return pages_add(p, &r);
}

static int add_state(struct Pages *p)
{
	const struct Fold *f = p->turn->state;
	int r = 0;

	for (size_t i = 0; i < f->n_media && r >= 0; i++)
		r = add_medium(p, &f->media[i]);
	for (size_t i = 0; i < f->n_checkouts && r >= 0; i++)
		r = add_checkout(p, &f->checkouts[i]);
	for (size_t i = 0; i < f->n_pending && r >= 0; i++)
		r = add_pending(p, &f->pending[i]);
	return r;
}

/* ------------------------------------------------------------------ the folders */

/* heads/<year>.note: what stays when the year itself goes. */
static int write_head(const struct YearTurn *t)
{
	const char *origin = t->old->seal->ledger_vkey.name, *year = strrchr(origin, '/') + 1;
	char note[SEAL_CHECKPOINT], name[32];
	_cleanup_fd_ int heads = -1;
	ssize_t n = file_read_at(t->old->dir, STORE_CHECKPOINT, note, sizeof(note));
	int r = n < 0 ? (int)n : file_dir_make_at(t->terminal_dir, YEAR_HEADS, 0750, &heads);

	snprintf(name, sizeof(name), "%s.note", year);
	return r < 0 ? r : file_replace_at(heads, name, note, (size_t)n, 0640);
}

static int write_folder(const struct YearTurn *t, struct Pages *p, const char *vkey)
{
	char checkpoint[SEAL_CHECKPOINT], text[LIMIT_VKEY + 1], name[16], temporary[24];
	_cleanup_fd_ int dir = -1;
	size_t n;
	int r;

	snprintf(name, sizeof(name), "%u", t->year % 10000);
	snprintf(temporary, sizeof(temporary), "%s.new", name);
	r = file_dir_make_at(t->terminal_dir, temporary, 0750, &dir);
	if (r >= 0)
		r = seal_next_checkpoint(t->old->seal, &p->tree, checkpoint, &n);
	if (r >= 0)
		r = file_replace_at(
		        dir, STORE_VKEY, text, (size_t)snprintf(text, sizeof(text), "%s\n", vkey), 0640);
	if (r >= 0)
		r = file_replace_at(dir, STORE_RECORDS, p->bytes, p->n, 0640);
	if (r >= 0)
		r = file_replace_at(dir, STORE_CHECKPOINT, checkpoint, n, 0640);
	if (r < 0)
		return r;
	if (renameat(t->terminal_dir, temporary, t->terminal_dir, name))
		return -errno;
	/* it may be there: nothing can be taken back, whatever the disk says */
	return fsync(t->terminal_dir) ? -EIO : 0;
}

int year_turn(const struct YearTurn *t)
{
	_cleanup_(pages_done) struct Pages p = {.turn = t, .tree = TREE_NULL};
	struct Seal *seal = t->old->seal;
	char origin[LIMIT_VKEY], vkey[LIMIT_VKEY];
	int r;

	snprintf(origin, sizeof(origin), "%s/mediagate/%s/%u", t->enrolment->domain, t->enrolment->terminal,
	        t->year);
	r = seal_next_make(seal, origin);
	if (r >= 0)
		r = vkey_format(&seal->next_vkey, vkey, sizeof(vkey));
	if (r >= 0)
		r = write_head(t);
	if (r >= 0)
		r = add_year(&p, vkey);
	if (r >= 0)
		r = add_state(&p);
	if (r >= 0)
		r = write_folder(t, &p, vkey);
	if (r < 0 && store_is_full(-r)) {
		r = seal_next_drop(seal);
		return r < 0 ? r : STORE_FULL;
	}
	if (r < 0)
		return r;
	seal_next_use(seal);
	return seal_next_finish(seal);
}

int year_newest(int terminal_dir, uint32_t first, uint32_t *ret)
{
	_cleanup_dir_ DIR *dir = dir_open_at(terminal_dir, ".");

	if (!dir)
		return -errno;
	*ret = first;
	for (const struct dirent *e = readdir(dir); e; e = readdir(dir))
		*ret = MAX(*ret, clock_year_read(e->d_name));
	return 0;
}
