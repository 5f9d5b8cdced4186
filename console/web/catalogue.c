/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The format: magic, revision, number of sentences, offsets of two tables of {length, offset}; the first
 * table is sorted by the sentence. msgfmt of this build wrote it, so it is trusted.
 */
#include "catalogue.h"

#include "std.h"

__asm__(".section .rodata\n"
        ".balign 4\n"
        "catalogue_bytes:\n"
        ".incbin \"" CATALOGUE_FILE "\"\n"
        ".byte 0\n"
        ".previous\n");
extern const uint8_t catalogue_bytes[] __attribute__((visibility("hidden")));

struct CatalogueHead {
	uint32_t magic, revision, n, sentences, translations;
};
struct CatalogueRow {
	uint32_t size, offset;
};

static const char *row_text(uint32_t table, size_t i)
{
	struct CatalogueRow row;

	memcpy(&row, catalogue_bytes + table + i * sizeof(row), sizeof(row));
	return (const char *)catalogue_bytes + row.offset;
}

const char *catalogue_find(const char *sentence)
{
	struct CatalogueHead head;
	size_t low = 0, high;

	if (!*sentence)
		return NULL; /* the empty sentence is the catalogue's own head */
	memcpy(&head, catalogue_bytes, sizeof(head));
	for (high = head.n; low < high;) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(sentence, row_text(head.sentences, middle));

		if (order == 0)
			return row_text(head.translations, middle);
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
