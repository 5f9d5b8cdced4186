/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the tables of docs/wire.md from the headers: wire_tables NAME. */
#include "parse.h"
#include "wire.h"

#include <stdio.h>
#include <string.h>

static void messages(void)
{
	static const struct {
		const char *name, *type;
		unsigned int number, least, most;
		size_t size;
	} rows[] = {
#define ROW(name, number, type, least, most) {#name, #type, number, least, most, sizeof(type)},
	        WIRE_TABLE(ROW)};

	printf("| number | message | structure | bytes | descriptors |\n|---|---|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		printf("| %u | `%s` | `%s` | %zu | %u", rows[i].number, rows[i].name, rows[i].type,
		        rows[i].size, rows[i].least);
		printf(rows[i].most > rows[i].least ? "–%u |\n" : " |\n", rows[i].most);
	}
}

#define FIELD_WORD(member, word, type, size) {(word), #type, (size)},
static const struct {
	const char *word, *type;
	unsigned int size;
} fields[] = {REQUEST_FIELDS(FIELD_WORD)};

static void words(uint32_t bits)
{
	bool first = true;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (bits & 1u << i) {
			printf("%s`%s`", first ? "" : ", ", fields[i].word);
			first = false;
		}
	printf("%s", first ? "–" : "");
}

static void verbs(void)
{
#define VERB_WORD(name, word, channel) (word),
	static const char *const rows[] = {REQUEST_VERBS(VERB_WORD)};

	printf("| verb | must carry | may carry | channel |\n|---|---|---|---|\n");
	for (uint32_t i = 0; i < ARRAY_SIZE(rows); i++) {
		uint32_t needs, may;

		parse_verb_fields(i, &needs, &may);
		printf("| `%s` | ", rows[i]);
		words(needs);
		printf(" | ");
		words(may);
		printf(" | %s |\n", parse_verb_channel(i) ? "yes" : "no");
	}
}

static void request_fields(void)
{
	printf("| field | type | bytes at most |\n|---|---|---|\n");
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (fields[i].size)
			printf("| `%s` | `%s` | %u |\n", fields[i].word, fields[i].type, fields[i].size - 1);
		else
			printf("| `%s` | `%s` | – |\n", fields[i].word, fields[i].type);
}

static void limits(void)
{
	printf("| limit | value | of |\n|---|---|---|\n");
#define LIMIT(name, value, what) printf("| `%s` | %d | %s |\n", #name, (value), (what));
	LIMIT_TABLE(LIMIT)
}

static void faults(void)
{
	printf("| number | code | exit status | sentence |\n|---|---|---|---|\n");
#define FAULT(name, code, status, sentence, hint) \
	printf("| %d | `%s` | %d | %s |\n", FAULT_##name, (code), (status), (sentence));
	FAULT_TABLE(FAULT)
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} tables[] = {{"messages", messages}, {"verbs", verbs}, {"fields", request_fields},
	        {"limits", limits}, {"faults", faults}};

	for (size_t i = 0; argc == 2 && i < ARRAY_SIZE(tables); i++)
		if (!strcmp(tables[i].name, argv[1])) {
			tables[i].print();
			return 0;
		}
	return 2;
}
