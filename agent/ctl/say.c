/* SPDX-License-Identifier: Apache-2.0 */
#include "say.h"

#include "str.h"

#include <stdarg.h>

/* A command without memory for a sentence can do nothing better than end. */
static void *must(void *p)
{
	if (!p)
		abort();
	return p;
}

char *say_escape_n(const void *bytes, size_t n)
{
	size_t size = 4 * n + 1;
	char *text = must(malloc(size));

	str_escape(text, size, bytes, n);
	return text;
}

char *say_escape(const char *text)
{
	return say_escape_n(text, strlen(text));
}

char *say_fill(const char *sentence, const char *value)
{
	const char *hole = strstr(sentence, "%s");
	char *text;

	if (!hole)
		return must(strdup(sentence));
	if (asprintf(&text, "%.*s%s%s", (int)(hole - sentence), sentence, value, hole + 2) < 0)
		abort();
	return text;
}

char *say_sentence(int fault, const char *subject)
{
	_cleanup_free_ char *safe = say_escape(subject ? subject : "");

	return say_fill(_(fault_row(fault)->sentence), safe);
}

static void say_line(const char *label, const char *format, va_list args)
{
	fprintf(stderr, "%s ", label);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
}

void say_error(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line("error:", format, args);
	va_end(args);
}

void say_hint(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line("hint:", format, args);
	va_end(args);
}

void say_warning(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line("warning:", format, args);
	va_end(args);
}

int say_usage(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	say_line("error:", format, args);
	va_end(args);
	say_hint("%s", _("see: mediagate --help"));
	return EXIT_USAGE;
}

int say_fault(int fault, const char *subject, const char *contact)
{
	const struct FaultRow *row = fault_row(fault);
	_cleanup_free_ char *safe = NULL, *sentence = NULL, *hint = NULL;

	if (fault == FAULT_OK)
		return EXIT_OK;
	sentence = say_sentence(fault, subject);
	say_error("%s", sentence);
	if (!*row->hint) /* gettext("") is the catalogue's header */
		return row->status;
	safe = contact && *contact ? say_escape(contact) : must(strdup(_("a supervisor")));
	hint = say_fill(_(row->hint), safe);
	say_hint("%s", hint);
	return row->status;
}
