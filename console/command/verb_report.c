/* SPDX-License-Identifier: Apache-2.0 */
/* report NAME: one document or table to standard output, as the pages have it. */
#include "ask.h"
#include "client.h"
#include "spawn.h"
#include "str.h"

#include <locale.h>

#define ADDRESS_MOST 2048

/* Documents, and the table behind each. */
static const struct {
	const char *name, *table;
} documents[] = {
        {"handling", "handlings"},
        {"media", "media"},
        {"carry-out", "checkouts"},
        {"review", "reviews"},
        {"survey", "evidence"},
        {"disposal", "media"},
        {"incident", "incidents"},
        {"card", "route"},
};

static const char *table_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(documents); i++)
		if (str_eq(documents[i].name, name))
			return documents[i].table;
	return name; /* a table by its own name */
}

/* What stands in an address as it is. */
static bool is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       strchr("-._~", c);
}

static bool add(char *ret, size_t *n, char c)
{
	if (*n + 1 >= ADDRESS_MOST)
		return false;
	ret[(*n)++] = c;
	ret[*n] = '\0';
	return true;
}

static bool add_escaped(char *ret, size_t *n, const char *text, size_t size)
{
	static const char digits[] = "0123456789ABCDEF";

	for (size_t i = 0; i < size; i++) {
		uint8_t c = (uint8_t)text[i];
		bool good = c && is_plain((char)c) ? add(ret, n, (char)c)
		                                   : add(ret, n, '%') && add(ret, n, digits[c >> 4]) &&
		                                             add(ret, n, digits[c & 15]);

		if (!good)
			return false;
	}
	return true;
}

/* /csv/history?kind=copy; every "NAME=VALUE" is a field. False: one is none, or it is too long. */
static bool address_write(const char *folder, const char *name, char **fields, char ret[static ADDRESS_MOST])
{
	size_t n = 0;

	for (const char *c = folder; *c; c++)
		if (!add(ret, &n, *c))
			return false;
	if (!add_escaped(ret, &n, name, strlen(name)))
		return false;
	for (size_t i = 0; fields[i]; i++) {
		const char *value = strchr(fields[i], '=');

		if (!value || !add(ret, &n, i ? '&' : '?') ||
		        !add_escaped(ret, &n, fields[i], (size_t)(value - fields[i])) || !add(ret, &n, '=') ||
		        !add_escaped(ret, &n, value + 1, strlen(value + 1)))
			return false;
	}
	return true;
}

/* The configuration's, or else the one that this command speaks. */
static const char *language(const struct Command *c)
{
	const char *locale = setlocale(LC_MESSAGES, NULL);

	if (*c->settings.language)
		return c->settings.language;
	return locale && strncmp(locale, "ja", 2) == 0 ? "ja" : "en";
}

static int print(const struct Command *c, const char *address)
{
	const char *const argv[] = {c->settings.office, language(c), "--print", address, NULL};
	struct Spawn s = {
	        .program = "console-web", .folder = c->programs, .argv = argv, .fds = {-1, -1}, .out = -1};
	pid_t store, web;
	int r = ask_store(c, &s.fds[0], &store);

	if (r < 0)
		return r;
	r = spawn(&s, &web);
	fd_close(s.fds[0]);
	if (r >= 0)
		r = spawn_wait(web);
	(void)spawn_wait(store);
	return r;
}

int verb_report(const struct Command *c, const char *name, const char *format, char **fields)
{
	bool csv = str_eq(format, "csv");
	char address[ADDRESS_MOST];
	int r;

	if (!csv && !str_eq(format, "html"))
		return command_error(COMMAND_USAGE, _("--format: html or csv"));
	if (!address_write(csv ? "/csv/" : "/report/", csv ? table_of(name) : name, fields, address))
		return command_error(
		        COMMAND_USAGE, _("behind the name stands NAME=VALUE, such as year=2026"));
	r = ask_ready(c);
	if (r)
		return r;
	r = print(c, address);
	if (r == WEB_NO_SUCH_PAGE)
		return command_error(
		        COMMAND_USAGE, _("there is no report %s, or not with these values"), name);
	return r < 0   ? command_error(COMMAND_FAILED, "%s", strerrordesc_np(-r))
	       : r > 0 ? command_error(COMMAND_FAILED, _("the report could not be made: see the lines above"))
	               : COMMAND_OK;
}
