/* SPDX-License-Identifier: Apache-2.0 */
/* Reads messages as docs/wire-vectors.md has them (`number hex`, one a line) with the agent's own reader. */
#include "channel.h"
#include "hex.h"

#include <stdio.h>

static const struct {
	uint32_t type;
	const char *member;
	size_t offset, size;
} texts[] = {
#define TEXT(message, member)                                                 \
	{MSG_##message, #member, offsetof(union MessageBody, message.member), \
	        sizeof(((union MessageBody *)NULL)->message.member)},
        WIRE_TEXTS(TEXT)};

static const struct {
	uint32_t type;
	size_t n_fds;
} rows[] = {
#define ROW(name, number, type, least, most) {number, least},
        WIRE_TABLE(ROW)};

/* A text of the vectors is the last word of its member's name, as far as it fits. */
static size_t texts_check(const struct Message *m)
{
	size_t wrong = 0;

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *dot = strrchr(texts[i].member, '.'), *word = dot ? dot + 1 : texts[i].member;
		const char *found = (const char *)&m->body + texts[i].offset;

		if (texts[i].type != m->type || strncmp(found, word, texts[i].size - 1) == 0)
			continue;
		printf("%s: %s is \"%.*s\"\n", channel_name(m->type), texts[i].member, (int)texts[i].size,
		        found);
		wrong++;
	}
	return wrong;
}

static size_t line_check(char *line, size_t i)
{
	static uint8_t packet[8 + sizeof(union MessageBody)];
	static struct Message m;
	char *hex = strchr(line, ' ');
	size_t n;

	line[strcspn(line, "\n")] = '\0';
	n = hex ? strlen(hex + 1) / 2 : 0;
	if (i >= ARRAY_SIZE(rows) || n > sizeof(packet) || strtoul(line, NULL, 10) != rows[i].type ||
	        hex_decode(hex + 1, 2 * n, packet, n) < 0 || channel_check(packet, n, rows[i].n_fds, &m)) {
		printf("line %zu is not the message %u: %.40s\n", i + 1,
		        i < ARRAY_SIZE(rows) ? rows[i].type : 0, line);
		return 1;
	}
	return texts_check(&m);
}

int main(void)
{
	char *line = NULL;
	size_t room = 0, n = 0, wrong = 0;

	while (getline(&line, &room, stdin) > 0)
		wrong += line_check(line, n++);
	free(line);
	printf("%zu of %zu messages, %zu faults\n", n, ARRAY_SIZE(rows), wrong);
	return wrong || n != ARRAY_SIZE(rows);
}
