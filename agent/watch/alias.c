/* SPDX-License-Identifier: Apache-2.0 */
#include "alias.h"

#include "file.h"

#include <fcntl.h>
#include <fnmatch.h>
#include <stdio.h>

/* Sorted by text. `vendor` and `product` are a quick look before fnmatch: ANY when the pattern has no four
   plain digits there. */
struct AliasRow {
	uint32_t vendor, product;
	char *pattern;
};

struct Aliases {
	size_t n, room;
	struct AliasRow *rows;
};

#define ANY         UINT32_MAX
#define MODALIAS    64
#define LONGEST     256 /* a line of a module table that matters */
#define TABLE_CHUNK 16384

int aliases_new(struct Aliases **ret)
{
	struct Aliases *a = calloc(1, sizeof(*a));

	if (!a)
		return -ENOMEM;
	*ret = a;
	return 0;
}

struct Aliases *aliases_free(struct Aliases *a)
{
	if (!a)
		return NULL;
	for (size_t i = 0; i < a->n; i++)
		free(a->rows[i].pattern);
	free(a->rows);
	free(a);
	return NULL;
}

void aliases_freep(struct Aliases **a)
{
	*a = aliases_free(*a);
}

size_t aliases_count(const struct Aliases *a)
{
	return a->n;
}

const char *aliases_at(const struct Aliases *a, size_t i)
{
	return i < a->n ? a->rows[i].pattern : NULL;
}

static bool name_is(const char *name, const char *with_dash)
{
	for (; *name && *with_dash; name++, with_dash++)
		if (*name != *with_dash && !(*with_dash == '-' && *name == '_'))
			return false;
	return *name == *with_dash;
}

bool alias_is_storage_driver(const char *name)
{
	return name_is(name, "usb-storage") || name_is(name, "uas") || !strncmp(name, "ums-", 4) ||
	       !strncmp(name, "ums_", 4);
}

/* Four plain hex digits after `at`, or ANY. */
static uint32_t word_at(const char *pattern, size_t at)
{
	char digits[5] = {};

	if (strnlen(pattern, at + 4) < at + 4)
		return ANY;
	memcpy(digits, pattern + at, 4);
	if (strspn(digits, "0123456789ABCDEF") != 4)
		return ANY;
	return (uint32_t)strtoul(digits, NULL, 16);
}

/* usb:v0781p0002d0009dc*dsc*dp*ic*isc*ip*in*: the stars at the end say nothing. */
static size_t significant(const char *pattern, size_t n)
{
	static const char tail[] = "dc*dsc*dp*ic*isc*ip*in*";
	size_t k = sizeof(tail) - 1;

	return n > k && !memcmp(pattern + n - k, tail, k) ? n - k + 3 : n;
}

static size_t place(const struct Aliases *a, const char *pattern)
{
	size_t low = 0, high = a->n;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (strcmp(a->rows[middle].pattern, pattern) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

int aliases_add(struct Aliases *a, const char *pattern, size_t n)
{
	_cleanup_free_ char *copy = NULL;
	struct AliasRow row = {ANY, ANY, NULL};
	size_t at;

	if (n < 4 || n >= LONGEST || memcmp(pattern, "usb:", 4))
		return 0;
	/* it goes between quotes into a rule: anything but a pattern's own signs is none of ours */
	if (strspn(pattern, "usb:vpdciInN0123456789ABCDEF*?[]-") < n)
		return -EBADMSG;
	copy = strndup(pattern, significant(pattern, n));
	if (!copy)
		return -ENOMEM;
	at = place(a, copy);
	if (at < a->n && !strcmp(a->rows[at].pattern, copy))
		return 0;
	if (a->n == a->room) {
		size_t room = a->room ? 2 * a->room : 256;
		struct AliasRow *more = reallocarray(a->rows, room, sizeof(*more));

		if (!more)
			return -ENOMEM;
		a->rows = more;
		a->room = room;
	}
	row.vendor = copy[4] == 'v' ? word_at(copy, 5) : ANY;
	row.product = row.vendor != ANY && copy[9] == 'p' ? word_at(copy, 10) : ANY;
	row.pattern = ptr_steal(&copy);
	memmove(a->rows + at + 1, a->rows + at, (a->n - at) * sizeof(*a->rows));
	a->rows[at] = row;
	a->n++;
	return 0;
}

/* "alias usb:… usb_storage" */
static int line_add(struct Aliases *a, const char *line)
{
	char pattern[LONGEST], module[LONGEST];

	if (strncmp(line, "alias usb:", 10) || sscanf(line, "alias %255s %255s", pattern, module) != 2)
		return 0;
	return alias_is_storage_driver(module) ? aliases_add(a, pattern, strlen(pattern)) : 0;
}

/* "usb_storage.alias=usb:…" */
static int entry_add(struct Aliases *a, const char *entry)
{
	const char *dot = strstr(entry, ".alias=usb:");
	char module[LONGEST];

	if (!dot || (size_t)(dot - entry) >= sizeof(module))
		return 0;
	memcpy(module, entry, (size_t)(dot - entry));
	module[dot - entry] = '\0';
	dot += strlen(".alias=");
	return alias_is_storage_driver(module) ? aliases_add(a, dot, strlen(dot)) : 0;
}

int aliases_add_text(struct Aliases *a, const char *text, size_t n, bool builtin)
{
	int (*add)(struct Aliases *, const char *) = builtin ? entry_add : line_add;

	while (n) {
		const char *end = memchr(text, builtin ? '\0' : '\n', n);
		size_t size = end ? (size_t)(end - text) : n;
		char line[LONGEST];

		if (size < sizeof(line)) {
			int r;

			memcpy(line, text, size);
			line[size] = '\0';
			r = add(a, line);
			if (r < 0)
				return r;
		}
		if (!end)
			break;
		text += size + 1;
		n -= size + 1;
	}
	return 0;
}

/* The table is a megabyte, ours of it a hundredth: it passes through in pieces cut at a line's end. */
static int table_read(struct Aliases *a, int fd, bool builtin)
{
	_cleanup_free_ char *piece = malloc(TABLE_CHUNK);
	size_t kept = 0;

	if (!piece)
		return -ENOMEM;
	for (;;) {
		ssize_t n = file_read_all(fd, piece + kept, TABLE_CHUNK - kept);
		size_t whole, have;
		const char *last;
		int r;

		if (n < 0)
			return (int)n;
		have = kept + (size_t)n;
		last = have ? memrchr(piece, builtin ? '\0' : '\n', have) : NULL;
		whole = n == 0 || !last ? have : (size_t)(last - piece) + 1;
		r = aliases_add_text(a, piece, whole, builtin);
		if (r < 0 || n == 0)
			return r;
		kept = have - whole;
		memmove(piece, piece + whole, kept);
	}
}

static int table_load(struct Aliases *a, const char *path, bool builtin)
{
	_cleanup_fd_ int fd = open(path, O_RDONLY | O_CLOEXEC);

	return fd < 0 ? -errno : table_read(a, fd, builtin);
}

int aliases_load(struct Aliases *a, const char *root, const char *release)
{
	char path[512];
	int r;

	if (snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.alias", root, release) >=
	        (int)sizeof(path))
		return -ENAMETOOLONG;
	r = table_load(a, path, false);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "%s/lib/modules/%s/modules.builtin.modinfo", root, release);
	r = table_load(a, path, true);
	return r == -ENOENT ? 0 : r;
}

bool aliases_match(const struct Aliases *a, const struct AliasQuestion *q)
{
	char modalias[MODALIAS] = "";

	for (size_t i = 0; i < a->n; i++) {
		const struct AliasRow *row = &a->rows[i];

		if ((row->vendor != ANY && row->vendor != q->vendor) ||
		        (row->product != ANY && row->product != q->product))
			continue;
		if (!modalias[0])
			snprintf(modalias, sizeof(modalias),
			        "usb:v%04Xp%04Xd%04Xdc%02Xdsc%02Xdp%02Xic%02Xisc%02Xip%02Xin%02X", q->vendor,
			        q->product, q->revision, q->class, q->subclass, q->protocol,
			        q->interface_class, q->interface_subclass, q->interface_protocol, q->number);
		if (!fnmatch(row->pattern, modalias, 0))
			return true;
	}
	return false;
}
