/* SPDX-License-Identifier: Apache-2.0 */
#include "enforce_rules.h"

#include <stdio.h>

/* udev reads at most 16 KiB of a line and ignores the whole of a longer one. */
#define LINE_MOST 8192

static void put_storage_drivers(FILE *out, const struct Aliases *aliases, const struct Site *site _unused_)
{
	size_t width = 0;

	for (size_t i = 0; i < aliases_count(aliases); i++) {
		const char *pattern = aliases_at(aliases, i);

		if (width && width + strlen(pattern) > LINE_MOST) {
			fputs("\", GOTO=\"mediagate_end\"\n", out);
			width = 0;
		}
		width += (size_t)fprintf(out, "%s%s", width ? "|" : "ENV{MODALIAS}==\"", pattern);
	}
	if (width)
		fputs("\", GOTO=\"mediagate_end\"\n", out);
}

static void put_site_interfaces(FILE *out, const struct Aliases *aliases _unused_, const struct Site *site)
{
	for (size_t i = 0; i < site->n; i++) {
		const struct SiteRow *row = &site->rows[i];

		if (row->by_class)
			fprintf(out, "ATTR{bInterfaceClass}==\"%02x\", GOTO=\"mediagate_open\"\n",
			        row->class);
		else
			fprintf(out,
			        "ATTRS{idVendor}==\"%04x\", ATTRS{idProduct}==\"%04x\", "
			        "GOTO=\"mediagate_open\"\n",
			        row->vendor, row->product);
	}
}

static void put_site_nodes(FILE *out, const struct Aliases *aliases _unused_, const struct Site *site)
{
	static const char end[] = "ENV{ID_USB_INTERFACES}!=\"*:06*|*:08*\", GOTO=\"mediagate_nodes_end\"\n";

	for (size_t i = 0; i < site->n; i++) {
		const struct SiteRow *row = &site->rows[i];

		if (row->by_class)
			fprintf(out, "ENV{ID_USB_INTERFACES}==\"*:%02x*\", %s", row->class, end);
		else
			fprintf(out, "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", %s", row->vendor,
			        row->product, end);
	}
}

struct Mark {
	const char *line;
	void (*put)(FILE *out, const struct Aliases *aliases, const struct Site *site);
};

static const struct Mark marks[] = {
        {"#@storage-drivers@\n", put_storage_drivers},
        {"#@site-interfaces@\n", put_site_interfaces},
        {"#@site-nodes@\n", put_site_nodes},
};

static const struct Mark *mark_of(const char *line, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(marks); i++)
		if (n == strlen(marks[i].line) && !memcmp(line, marks[i].line, n))
			return &marks[i];
	return NULL;
}

int rules_fill(const char *template, const struct Aliases *aliases, const struct Site *site, char **ret)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	bool failed;
	FILE *out;

	if (!aliases_count(aliases))
		return -EBADMSG;
	out = open_memstream(&text, &size);
	if (!out)
		return -ENOMEM;
	for (const char *line = template; *line;) {
		size_t n = strcspn(line, "\n");
		const struct Mark *mark;

		n += line[n] == '\n';
		mark = mark_of(line, n);
		if (mark)
			mark->put(out, aliases, site);
		else
			fwrite(line, 1, n, out);
		line += n;
	}
	failed = ferror(out) != 0;
	if (fclose(out) || failed)
		return -ENOMEM;
	*ret = ptr_steal(&text);
	return 0;
}

/* ------------------------------------------------------------------ the site's own */

#define CLASS_IMAGE   0x06
#define CLASS_STORAGE 0x08

/* Exactly `width` hex digits. */
static bool read_hex(const char **at, unsigned int width, unsigned int *ret)
{
	static const char digits[] = "0123456789abcdef";
	unsigned int value = 0;

	for (unsigned int i = 0; i < width; i++) {
		const char *d = **at ? strchr(digits, **at | 0x20) : NULL;

		if (!d)
			return false;
		value = value << 4 | (unsigned int)(d - digits);
		(*at)++;
	}
	*ret = value;
	return true;
}

static bool read_row(const char *line, struct SiteRow *ret)
{
	const char *at = line;

	*ret = (struct SiteRow){.by_class = true};
	if (!strchr(line, ':')) {
		if (!read_hex(&at, 2, &ret->class) || ret->class == CLASS_STORAGE ||
		        ret->class == CLASS_IMAGE)
			return false;
	} else {
		ret->by_class = false;
		if (!read_hex(&at, 4, &ret->vendor) || *at++ != ':' || !read_hex(&at, 4, &ret->product))
			return false;
	}
	return at[strspn(at, " \t\r")] == '\0';
}

unsigned int site_read(const char *text, size_t n, struct Site *ret)
{
	unsigned int number = 0;

	*ret = (struct Site){};
	for (size_t at = 0; at < n;) {
		const char *end = memchr(text + at, '\n', n - at);
		size_t size = end ? (size_t)(end - text) - at : n - at;
		char line[256];
		char *first = line;

		number++;
		if (size >= sizeof(line) || memchr(text + at, '\0', size))
			return number;
		memcpy(line, text + at, size);
		line[size] = '\0';
		at += size + 1;
		line[strcspn(line, "#")] = '\0';
		first += strspn(first, " \t\r");
		if (!*first)
			continue;
		if (ret->n == ARRAY_SIZE(ret->rows) || !read_row(first, &ret->rows[ret->n]))
			return number;
		ret->n++;
	}
	return 0;
}
