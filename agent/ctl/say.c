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

/* Printable, and yet they change how what follows reads: marks of direction, line separators, what has no
   width. First and last UTF-8 form of each run of three bytes. */
static bool is_treacherous(const char *text)
{
	static const char runs[][2][4] = {
	        {"\u200b", "\u200f"},
	        {"\u2028", "\u202e"},
	        {"\u2060", "\u206f"},
	        {"\ufeff", "\ufeff"},
	        {"\ufff9", "\ufffb"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(runs); i++)
		if (strncmp(text, runs[i][0], 3) >= 0 && strncmp(text, runs[i][1], 3) <= 0)
			return true;
	return !strncmp(text, "\u061c", 2);
}

char *say_escape_n(const void *bytes, size_t n)
{
	size_t size = 4 * n + 1, used = 0;
	_cleanup_free_ char *plain = must(malloc(size));
	char *text = must(malloc(4 * size));

	str_escape(plain, size, bytes, n);
	for (const char *p = plain; *p; p++)
		if (is_treacherous(p)) {
			size_t k = (unsigned char)*p >= 0xe0 ? 3 : 2;

			for (size_t i = 0; i < k; i++)
				used += (size_t)snprintf(text + used, 5, "\\x%02x", (unsigned char)p[i]);
			p += k - 1;
		} else {
			text[used++] = *p;
		}
	text[used] = '\0';
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
	_cleanup_free_ char *sentence = must(strdup(_(fault_row(fault)->sentence)));
	char *end = strrchr(sentence, ':');

	/* no colon with nothing behind it */
	if (!*safe && end && str_eq(end, ": %s"))
		*end = '\0';
	return say_fill(sentence, safe);
}

_format_(2, 0) static void say_line(const char *label, const char *format, va_list args)
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
char *say_advice(int fault, const char *contact)
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
	_cleanup_free_ char *hint = say_advice(reason->fault, reason->contact);
	bool known = reason->contact && *reason->contact;

	fprintf(out, "%s%s\n", indent, sentence);
	if (hint && (known || !strstr(fault_row(reason->fault)->hint, "%s")))
		fprintf(out, "%s%s\n", indent, hint);
}

int say_fault(int fault, const char *subject, const char *contact)
{
	_cleanup_free_ char *sentence = NULL, *hint = NULL;

	if (fault == FAULT_OK)
		return EXIT_OK;
	sentence = say_sentence(fault, subject);
	hint = say_advice(fault, contact);
	say_error("%s", sentence);
	if (hint)
		say_hint("%s", hint);
	return fault_row(fault)->status;
}
