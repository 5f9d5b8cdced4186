/* SPDX-License-Identifier: Apache-2.0 */
#include "acts.h"

#include "clock.h"
#include "office.h"
#include "str.h"

#include <stdio.h>

static void random_id(struct Draw *d, char ret[static 27])
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

	for (int i = 0; i < 26; i++)
		/* a letter in every sixth place: no long run of digits */
		ret[i] = i % 6 == 5 ? letters[10 + draw_below(d, 22)] : letters[draw_below(d, 32)];
	ret[26] = '\0';
}

/* ------------------------------------------------------------------ configuration */

void act_policy(struct Desk *d, const uint8_t *config)
{
	struct Record r;

	if (config != d->config)
		memcpy(d->config, config, sizeof(d->config));
	record_start(&r, RECORD_POLICY, RESULT_DONE);
	record_bytes(&r, KEY_CONFIG, d->config, sizeof(d->config));
	desk_add(d, &r);
}

void act_policy_failed(struct Desk *d, const char *subject)
{
	struct Record r;

	record_start(&r, RECORD_POLICY, RESULT_FAILED);
	r.reason = FAULT_BAD_CONFIG;
	record_text(&r, KEY_SUBJECT, subject);
	desk_add(d, &r);
}

/* ------------------------------------------------------------------ labels */

static void label_record(const struct Desk *d _unused_, const struct Person *p, const struct Stick *s,
        enum RecordResult result, const uint8_t *label, struct Record *r)
{
	person_record(r, RECORD_LABEL, result, p);
	stick_record(r, s);
	record_number(r, KEY_COUNTER, s->counter);
	record_bytes(r, KEY_LABEL, label, DIGEST_SIZE);
	record_text(r, KEY_REGISTRATION, s->registration);
}

static void label_renew(struct Desk *d, const struct Person *p, struct Stick *s, uint8_t *ret)
{
	uint8_t label[DIGEST_SIZE];
	struct Record r;
	uint64_t intent;

	draw_bytes(&d->draw, label, sizeof(label));
	s->counter++;
	s->label_due = false;
	label_record(d, p, s, RESULT_INTENT, label, &r);
	intent = desk_add(d, &r);
	d->now += draw_between(&d->draw, 80, 900);
	label_record(d, p, s, RESULT_DONE, label, &r);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
	if (ret)
		memcpy(ret, label, sizeof(label));
}

void act_relabel(struct Desk *d, const struct Person *p, struct Stick *s)
{
	struct Record r;
	uint64_t intent;

	person_record(&r, RECORD_REQUEST, RESULT_INTENT, p);
	stick_record(&r, s);
	record_text(&r, KEY_VERB, "relabel");
	intent = desk_add(d, &r);
	random_id(&d->draw, s->registration);
	label_renew(d, p, s, NULL);
	label_renew(d, p, s, NULL);
	person_record(&r, RECORD_REQUEST, RESULT_DONE, p);
	stick_record(&r, s);
	record_text(&r, KEY_VERB, "relabel");
	record_text(&r, KEY_REGISTRATION, s->registration);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
}

/* ------------------------------------------------------------------ the register */

static void stick_make(struct Desk *d, struct Stick *s, unsigned int number)
{
	static const char *const makes[][3] = {{"0951", "1666", "0110"}, {"0781", "5581", "0100"},
	        {"058f", "6387", "0105"}, {"056e", "6043", "0200"}, {"0411", "02d4", "0100"}};
	static const uint64_t sizes[] = {UINT64_C(8003780608), UINT64_C(15931539456), UINT64_C(31029460992)};
	size_t make = draw_below(&d->draw, ARRAY_SIZE(makes));

	*s = (struct Stick){.size = sizes[draw_below(&d->draw, ARRAY_SIZE(sizes))]};
	snprintf(s->number, sizeof(s->number), "USB-%04u", number % 10000);
	STR_SET(s->vendor, makes[make][0]);
	STR_SET(s->product, makes[make][1]);
	STR_SET(s->revision, makes[make][2]);
	snprintf(s->serial, sizeof(s->serial), "%02uN%03uK%03uL%02u", draw_below(&d->draw, 100),
	        draw_below(&d->draw, 1000), number % 1000, number / 1000 % 100);
	snprintf(s->port, sizeof(s->port), "%d-%d", draw_between(&d->draw, 1, 2),
	        draw_between(&d->draw, 1, 4));
	draw_bytes(&d->draw, s->identity, sizeof(s->identity));
	random_id(&d->draw, s->registration);
}

static void register_record(const struct Stick *s, const struct Person *p, enum RecordResult result,
        bool prepare, struct Record *r)
{
	person_record(r, RECORD_REGISTER, result, p);
	stick_record(r, s);
	stick_describe(r, s);
	record_text(r, KEY_REVISION, s->revision);
	record_bytes(r, KEY_IDENTITY, s->identity, sizeof(s->identity));
	record_text(r, KEY_SUPERVISOR, p->login);
	record_text(r, KEY_REGISTRATION, s->registration);
	if (prepare)
		record_text(r, KEY_FILE_SYSTEM, "vfat");
}

struct Stick *act_register(struct Desk *d, const struct Person *supervisor, unsigned int number, bool prepare)
{
	struct Stick *s = &d->sticks[d->n_sticks];
	uint8_t label[DIGEST_SIZE];
	struct Stranger plugged = {};
	struct Record r;
	uint64_t intent;

	errno = ENOSPC;
	must(d->n_sticks < DESK_STICKS, "sticks of one terminal");
	d->n_sticks++;
	stick_make(d, s, number);
	STR_SET(plugged.vendor, s->vendor);
	STR_SET(plugged.product, s->product);
	STR_SET(plugged.serial, s->serial);
	STR_SET(plugged.port, s->port);
	act_stranger(d, &plugged, FAULT_NOT_REGISTERED, 1);
	desk_pass(d, 20, 90);
	register_record(s, supervisor, RESULT_INTENT, prepare, &r);
	intent = desk_add(d, &r);
	desk_pass(d, 2, 9);
	label_renew(d, supervisor, s, label);
	register_record(s, supervisor, RESULT_DONE, prepare, &r);
	record_number(&r, KEY_SIZE, s->size);
	record_number(&r, KEY_COUNTER, s->counter);
	record_bytes(&r, KEY_LABEL, label, sizeof(label));
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
	return s;
}

/* ------------------------------------------------------------------ loans */

void act_lend(struct Desk *d, const struct Person *supervisor, struct Person *clerk, struct Stick *s,
        const struct LendWork *w)
{
	unsigned int year = clock_fiscal_year(d->now);
	struct Record r;

	if (year != d->checkout_year) {
		d->checkout_year = year;
		d->next_checkout = 1;
	}
	snprintf(s->checkout, sizeof(s->checkout), "%.24s-%u-%04u", d->id, year % 10000,
	        d->next_checkout++ % 10000);
	s->clerk = clerk;
	s->until = w->until;
	s->overdue = false;
	s->label_due = true;
	person_record(&r, RECORD_CHECKOUT, RESULT_DONE, supervisor);
	stick_record(&r, s);
	record_text(&r, KEY_CLERK, clerk->login);
	record_text(&r, KEY_SUPERVISOR, supervisor->login);
	record_text(&r, KEY_PURPOSE, w->purpose);
	record_text(&r, KEY_GROUND, w->ground);
	record_text(&r, KEY_DESTINATION, w->destination);
	record_time(&r, KEY_FROM, d->now);
	record_time(&r, KEY_UNTIL, w->until);
	record_flag(&r, KEY_CARRY_OUT, w->carry_out);
	if (w->carry_out) {
		record_flag(&r, KEY_ENCRYPTION, true);
		record_flag(&r, KEY_PASSWORD, true);
		record_flag(&r, KEY_LOCKED_CARRIER, true);
	}
	desk_add(d, &r);
}

static void device_record(
        struct Record *r, enum RecordKind kind, enum RecordResult result, const struct Stick *s)
{
	record_start(r, kind, result);
	stick_record(r, s);
	if (*s->checkout)
		STR_SET(r->actor, s->clerk->login);
	stick_describe(r, s);
}

bool act_plug(struct Desk *d, struct Stick *s)
{
	char interface[LIMIT_PORT + 8];
	struct Record r;
	uint64_t intent;

	if (!*s->checkout || s->overdue) {
		device_record(&r, RECORD_DEVICE, RESULT_REFUSED, s);
		r.reason = s->overdue && *s->checkout ? FAULT_OVERDUE : FAULT_NOT_CHECKED_OUT;
		desk_add(d, &r);
		return false;
	}
	snprintf(interface, sizeof(interface), "%s:1.0", s->port);
	device_record(&r, RECORD_OPEN, RESULT_INTENT, s);
	record_text(&r, KEY_INTERFACE, interface);
	intent = desk_add(d, &r);
	device_record(&r, RECORD_OPEN, RESULT_DONE, s);
	record_text(&r, KEY_INTERFACE, interface);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
	desk_pass(d, 1, 3);
	if (s->label_due)
		label_renew(d, NULL, s, NULL);
	s->plugged = true;
	desk_pass(d, 3, 25);
	return true;
}

void act_unplug(struct Desk *d, struct Stick *s)
{
	struct Record r;

	if (!s->plugged)
		return;
	device_record(&r, RECORD_CLOSE, RESULT_DONE, s);
	r.reason = FAULT_MEDIUM_GONE;
	desk_add(d, &r);
	s->plugged = false;
}

/* ------------------------------------------------------------------ sessions */

static void file_record(struct Desk *d, struct Record *r, const struct CopyWork *w, int i, uint64_t *size)
{
	static const char *const ends[] = {"csv", "xlsx", "pdf", "txt", "zip"};
	char name[256];
	uint8_t digest[DIGEST_SIZE];
	size_t n_stems = 0;
	const char *stem;

	while (w->stems[n_stems])
		n_stems++;
	stem = w->stems[draw_below(&d->draw, (unsigned int)n_stems)];
	snprintf(name, sizeof(name), "%s_%02d%02d_%03d.%s", stem, draw_between(&d->draw, 1, 12), w->day,
	        i + 1, ends[draw_below(&d->draw, ARRAY_SIZE(ends))]);
	draw_bytes(&d->draw, digest, sizeof(digest));
	*size = (uint64_t)draw_count(&d->draw, 40) * (uint64_t)draw_between(&d->draw, 900, 9000);
	record_text(r, KEY_NAME, name);
	record_number(r, KEY_SIZE, *size);
	record_bytes(r, KEY_SHA256, digest, sizeof(digest));
}

static uint64_t copy_files(struct Desk *d, const struct Person *p, const struct Stick *s,
        const struct CopyWork *w, const char *copy)
{
	uint64_t bytes = 0, size;
	struct Record r;

	for (int i = 0; i < w->files; i++) {
		person_record(&r, RECORD_FILE, RESULT_DONE, p);
		stick_record(&r, s);
		/* a form or a list of codes has none */
		r.numbers = draw_chance(&d->draw, 250) ? 0 : draw_count(&d->draw, w->numbers);
		if (copy)
			record_text(&r, KEY_COPY, copy);
		else
			record_text(&r, KEY_VERB, "get");
		file_record(d, &r, w, i, &size);
		bytes += size;
		desk_add(d, &r);
	}
	return bytes;
}

static void copy_failed(struct Desk *d, const struct Person *p, const struct Stick *s,
        const struct CopyWork *w, const char *copy, uint64_t intent)
{
	struct Record r;

	person_record(&r, RECORD_COPY, RESULT_FAILED, p);
	r.reason = (uint16_t)w->fault;
	stick_record(&r, s);
	record_text(&r, KEY_COPY, copy);
	if (w->fault == FAULT_FILE_CHANGED)
		record_text(&r, KEY_SUBJECT, w->stems[0]);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
}

void act_copy(struct Desk *d, const struct Person *p, struct Stick *s, const struct CopyWork *w)
{
	uint8_t digest[DIGEST_SIZE];
	struct Record r;
	uint64_t intent, bytes;
	char copy[27];

	random_id(&d->draw, copy);
	person_record(&r, RECORD_COPY, RESULT_INTENT, p);
	stick_record(&r, s);
	record_text(&r, KEY_COPY, copy);
	intent = desk_add(d, &r);
	label_renew(d, p, s, NULL);
	d->now += (int64_t)w->files * draw_between(&d->draw, 30, 400);
	if (w->fault) {
		if (w->fault != FAULT_INTERRUPTED) /* the power goes: nothing more is said */
			copy_failed(d, p, s, w, copy, intent);
		return;
	}
	bytes = copy_files(d, p, s, w, copy);
	draw_bytes(&d->draw, digest, sizeof(digest));
	person_record(&r, RECORD_COPY, RESULT_DONE, p);
	stick_record(&r, s);
	record_text(&r, KEY_COPY, copy);
	record_bytes(&r, KEY_NOTE, digest, sizeof(digest));
	record_number(&r, KEY_PARTS, 1 + bytes / (UINT64_C(64) << 20));
	record_number(&r, KEY_FILES, (uint64_t)w->files);
	record_number(&r, KEY_BYTES, bytes);
	draw_bytes(&d->draw, digest, sizeof(digest));
	if (w->recipient) {
		record_text(&r, KEY_RECIPIENT, w->recipient);
		record_bytes(&r, KEY_CERTIFICATE, digest, sizeof(digest));
	} else {
		record_flag(&r, KEY_PASSWORD, true);
	}
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
}

void act_list(struct Desk *d, const struct Person *p, struct Stick *s, int files _unused_)
{
	struct Record r;
	uint64_t intent;

	person_record(&r, RECORD_LIST, RESULT_INTENT, p);
	stick_record(&r, s);
	intent = desk_add(d, &r);
	label_renew(d, p, s, NULL);
	person_record(&r, RECORD_LIST, RESULT_DONE, p);
	stick_record(&r, s);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
}

static void get_record(struct Record *r, enum RecordResult result, const struct Person *p,
        const struct Stick *s, const char *stem)
{
	person_record(r, RECORD_READ, result, p);
	stick_record(r, s);
	record_text(r, KEY_NAME, stem);
}

void act_get(struct Desk *d, const struct Person *p, struct Stick *s, const struct CopyWork *w)
{
	uint64_t intent, bytes;
	struct Record r;

	get_record(&r, RESULT_INTENT, p, s, w->stems[0]);
	intent = desk_add(d, &r);
	label_renew(d, p, s, NULL);
	if (w->fault) {
		get_record(&r, RESULT_FAILED, p, s, w->stems[0]);
		r.reason = (uint16_t)w->fault;
		record_number(&r, KEY_INTENT, intent);
		desk_add(d, &r);
		return;
	}
	bytes = copy_files(d, p, s, w, NULL);
	get_record(&r, RESULT_DONE, p, s, w->stems[0]);
	record_number(&r, KEY_FILES, (uint64_t)w->files);
	record_number(&r, KEY_BYTES, bytes);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
}

static void residue_found(struct Desk *d, const struct Person *p, const struct Stick *s)
{
	static const char *const names[] = {
	        "System Volume Information/IndexerVolumeGuid", "desktop.ini", "新しいフォルダー/メモ.txt"};
	struct Record r;

	person_record(&r, RECORD_RESIDUE, RESULT_DONE, p);
	stick_record(&r, s);
	record_text(&r, KEY_NAME, names[draw_below(&d->draw, ARRAY_SIZE(names))]);
	record_number(&r, KEY_SIZE, (uint64_t)draw_between(&d->draw, 12, 4000));
	desk_add(d, &r);
}

void act_return(struct Desk *d, const struct Person *p, struct Stick *s, int residue)
{
	struct Record r;
	uint64_t intent;

	person_record(&r, RECORD_RETURN, RESULT_INTENT, p);
	stick_record(&r, s);
	intent = desk_add(d, &r);
	desk_pass(d, 1, 8);
	for (int i = 0; i < residue; i++)
		residue_found(d, p, s);
	label_renew(d, p, s, NULL);
	person_record(&r, RECORD_RETURN, RESULT_DONE, p);
	stick_record(&r, s);
	record_number(&r, KEY_KNOWN, (uint64_t)draw_between(&d->draw, 0, 3));
	record_number(&r, KEY_FOREIGN, (uint64_t)residue);
	record_number(&r, KEY_DAMAGED, 0);
	record_number(&r, KEY_INTENT, intent);
	desk_add(d, &r);
	s->checkout[0] = '\0';
	s->clerk = NULL;
	s->overdue = false;
	device_record(&r, RECORD_CLOSE, RESULT_DONE, s);
	r.reason = FAULT_NOT_CHECKED_OUT;
	desk_add(d, &r);
	s->plugged = false;
}
