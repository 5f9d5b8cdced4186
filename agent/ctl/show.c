/* SPDX-License-Identifier: Apache-2.0 */
#include "show.h"

#include "say.h"
#include "settings.h"
#include "str.h"

#include <inttypes.h>
#include <stdarg.h>
#include <time.h>
#include <wchar.h>

/* As everywhere in the command: no memory, no answer. */
_format_(1, 2) static char *text_make(const char *format, ...)
{
	va_list args;
	char *text;

	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		abort();
	va_end(args);
	return text;
}

char *show_time(int64_t ms, bool seconds)
{
	time_t s = (time_t)(ms / 1000);
	char text[64];
	struct tm t;

	if (!localtime_r(&s, &t))
		return text_make("%" PRId64, ms);
	strftime(text, sizeof(text), seconds ? "%Y-%m-%d %H:%M:%S" : "%Y-%m-%d %H:%M", &t);
	return text_make("%s", text);
}

char *show_bytes(uint64_t bytes)
{
	static const char *const units[] = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
	uint64_t whole = bytes, rest = 0;
	size_t unit = 0;

	while (whole >= 1000 && unit + 1 < ARRAY_SIZE(units)) {
		rest = whole % 1000;
		whole /= 1000;
		unit++;
	}
	if (!unit)
		return text_make("%" PRIu64 " B", bytes);
	return text_make("%" PRIu64 ".%" PRIu64 " %s", whole, rest / 100, units[unit]);
}

char *show_called(const char *name, const char *code)
{
	_cleanup_free_ char *safe_name = say_escape(name), *safe_code = say_escape(code);

	return *safe_name ? text_make("%s (%s)", safe_name, safe_code) : text_make("%s", safe_code);
}

struct RoleWord {
	uint32_t role;
	const char *code, *word;
};
static const struct RoleWord role_words[] = {
        {ROLE_CHIEF, "chief", N_("chief")},
        {ROLE_SUPERVISOR, "supervisor", N_("supervisor")},
        {ROLE_AUDITOR, "auditor", N_("auditor")},
        {ROLE_CLERK, "clerk", N_("clerk")},
        {ROLE_ADMINISTRATOR, "administrator", N_("administrator")},
};

char *show_roles(uint32_t roles)
{
	char *all = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(role_words); i++) {
		_cleanup_free_ char *before = all;

		if (!(roles & role_words[i].role)) {
			ptr_steal(&before);
			continue;
		}
		all = text_make("%s%s%s", before ? before : "", before ? ", " : "", _(role_words[i].word));
	}
	return all ? all : text_make("%s", _("no role"));
}

void show_roles_json(struct Json *j, const char *key, uint32_t roles)
{
	json_array(j, key);
	for (size_t i = 0; i < ARRAY_SIZE(role_words); i++)
		if (roles & role_words[i].role)
			json_text(j, NULL, role_words[i].code);
	json_end_array(j);
}

const char *show_found(uint8_t found)
{
	static const char *const words[] = {
	        [FOUND_COPY] = N_("a copy on record, whole"),
	        [FOUND_DAMAGED] = N_("a copy on record, damaged or altered"),
	        [FOUND_LEFTOVER] = N_("what a broken copy left"),
	        [FOUND_FOREIGN] = N_("not written by mediagate"),
	        [FOUND_MISSING] = N_("a copy on record that is not there any more"),
	};

	static_assert(ARRAY_SIZE(words) == _FOUND_N, "words for each");
	return found < _FOUND_N ? _(words[found]) : "?";
}

void show_cell(const char *text, int columns)
{
	wchar_t wide[256];
	size_t n = mbstowcs(wide, text, ARRAY_SIZE(wide));
	int used = n < ARRAY_SIZE(wide) ? wcswidth(wide, n) : (int)strlen(text);

	printf("%s%*s", text, used < columns ? columns - used : 0, "");
}

void show_device(const struct MsgDevice *d, const char *contact)
{
	/* core has escaped the serial already; twice would not be what `explain` takes */
	bool is_safe = str_is_line(d->serial, strlen(d->serial));
	_cleanup_free_ char *serial = is_safe ? text_make("%s", d->serial) : say_escape(d->serial);
	_cleanup_free_ char *port = say_escape(d->port), *size = show_bytes(d->size);
	_cleanup_free_ char *name = NULL, *number = say_escape(d->number);

	name = text_make("%04x:%04x %s", d->vendor, d->product, *serial ? serial : _("no serial number"));
	printf("  ");
	show_cell(port, 8);
	printf(" ");
	show_cell(*number ? number : "-", 12);
	printf(" %s", name);
	if (d->size)
		printf(", %s", size);
	printf("\n");
	printf("           %s\n", d->open       ? _("open")
	                           : d->observed ? _("OBSERVE MODE: open, and would be closed:")
	                                         : _("closed:"));
	if (d->open)
		return;
	say_reason(stdout, "             ",
	        &(struct Reason){d->reason, *d->number ? d->number : d->port, contact});
}

static void text_or_null(struct Json *j, const char *key, const char *text)
{
	if (*text)
		json_text(j, key, text);
	else
		json_null(j, key);
}

void show_fault_json(struct Json *j, int fault, const char *subject)
{
	_cleanup_free_ char *sentence = say_sentence(fault, subject);

	json_text(j, "fault", fault_row(fault)->code);
	json_text(j, "subject", subject);
	json_text(j, "sentence", sentence);
}

void show_device_json(struct Json *j, const char *key, const struct MsgDevice *d)
{
	char id[8];

	json_object(j, key);
	json_text(j, "device", d->port);
	snprintf(id, sizeof(id), "%04x", d->vendor);
	json_text(j, "vendor", id);
	snprintf(id, sizeof(id), "%04x", d->product);
	json_text(j, "product", id);
	text_or_null(j, "serial", d->serial);
	text_or_null(j, "number", d->number);
	text_or_null(j, "disk", d->disk);
	json_number(j, "size", d->size);
	json_flag(j, "open", d->open);
	if (d->observed)
		json_flag(j, "observed", true);
	if (!d->open)
		show_fault_json(j, d->reason, *d->number ? d->number : d->port);
	json_end_object(j);
}

static void show_checkout_json(struct Json *j, const char *key, const struct CheckoutRow *c)
{
	json_object(j, key);
	json_text(j, "checkout", c->id);
	json_text(j, "medium", c->medium);
	json_text(j, "clerk", c->clerk);
	json_text(j, "supervisor", c->supervisor);
	json_text(j, "purpose", c->purpose);
	json_text(j, "ground", c->ground);
	json_text(j, "destination", c->destination);
	text_or_null(j, "terminals", c->terminals);
	json_time(j, "from", c->from);
	json_time(j, "until", c->until);
	json_flag(j, "overdue", c->state == CHECKOUT_OVERDUE);
	json_flag(j, "carry_out", c->carry_out);
	json_flag(j, "locked_carrier", c->locked_carrier);
	json_end_object(j);
}

void show_medium_json(struct Json *j, const char *key, const struct MsgMedium *m)
{
	json_object(j, key);
	json_text(j, "number", m->medium.number);
	json_text(j, "supervisor", m->medium.supervisor);
	json_number(j, "size", m->medium.size);
	json_flag(j, "revoked", m->medium.revoked);
	json_flag(j, "plugged_in", m->present);
	if (m->checked_out)
		show_checkout_json(j, "checkout", &m->checkout);
	else
		json_null(j, "checkout");
	json_end_object(j);
}
