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

/* The hint of an outcome, translated, or NULL where there is none: gettext("") is the catalogue's header. */
static char *hint_make(int fault, const char *contact)
{
	const char *hint = fault_row(fault)->hint;
	_cleanup_free_ char *safe = NULL;

	if (!*hint)
		return NULL;
	safe = contact && *contact ? say_escape(contact) : must(strdup(_("a supervisor")));
	return say_fill(_(hint), safe);
}

void say_reason(FILE *out, const char *indent, const struct Reason *reason)
{
	_cleanup_free_ char *sentence = say_sentence(reason->fault, reason->subject);
	_cleanup_free_ char *hint = hint_make(reason->fault, reason->contact);

	fprintf(out, "%s%s\n", indent, sentence);
	if (hint)
		fprintf(out, "%s%s\n", indent, hint);
}

int say_fault(int fault, const char *subject, const char *contact)
{
	_cleanup_free_ char *sentence = NULL, *hint = NULL;

	if (fault == FAULT_OK)
		return EXIT_OK;
	sentence = say_sentence(fault, subject);
	hint = hint_make(fault, contact);
	say_error("%s", sentence);
	if (hint)
		say_hint("%s", hint);
	return fault_row(fault)->status;
}
