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
		const struct UsbClass *row = &site->rows[i];

		fprintf(out, "ATTR{bInterfaceClass}==\"%02x\", ", row->class);
		if (row->by_product)
			fprintf(out, "ATTRS{idVendor}==\"%04x\", ATTRS{idProduct}==\"%04x\", ", row->vendor,
			        row->product);
		fputs("GOTO=\"mediagate_open\"\n", out);
	}
}

static void put_site_nodes(FILE *out, const struct Aliases *aliases _unused_, const struct Site *site)
{
	for (size_t i = 0; i < site->n; i++) {
		const struct UsbClass *row = &site->rows[i];

		fprintf(out, "ENV{ID_USB_INTERFACES}==\"*:%02x*\", ", row->class);
		if (row->by_product)
			fprintf(out, "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", ", row->vendor,
			        row->product);
		fputs("ENV{ID_USB_INTERFACES}!=\"*:06*|*:08*\", GOTO=\"mediagate_nodes_end\"\n", out);
	}
}

/* By rule and again at bind: the disk is gone whichever came first. Soldered memory (type MMC) stays. */
static void put_cards(FILE *out, const struct Aliases *aliases _unused_, const struct Site *site)
{
	if (site->keep_cards)
		return;
	fputs("SUBSYSTEM==\"mmc\", ACTION==\"add|bind\", ATTR{type}==\"SD|SDcombo\", "
	      "TEST==\"driver/unbind\", "
	      "ATTR{driver/unbind}=\"%k\"\n",
	        out);
}

struct Mark {
	const char *line;
	void (*put)(FILE *out, const struct Aliases *aliases, const struct Site *site);
};

static const struct Mark marks[] = {
        {"#@storage-drivers@\n", put_storage_drivers},
        {"#@site-interfaces@\n", put_site_interfaces},
        {"#@site-nodes@\n", put_site_nodes},
        {"#@cards@\n", put_cards},
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
