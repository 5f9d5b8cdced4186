/* SPDX-License-Identifier: Apache-2.0 */
#include "html.h"

#include "str.h"

void html_done(struct Html *h)
{
	free(h->text);
	*h = HTML_NULL;
}

static void html_raw(struct Html *h, const char *bytes, size_t n)
{
	if (h->failed)
		return;
	if (n >= h->room - h->size) {
		size_t room = MAX(h->room * 2, h->size + n + 4096);
		char *text = room > HTML_MOST ? NULL : realloc(h->text, room);

		if (!text) {
			h->failed = true;
			return;
		}
		h->text = text;
		h->room = room;
	}
	memcpy(h->text + h->size, bytes, n);
	h->size += n;
	h->text[h->size] = '\0';
}

static bool name_is_address(const struct Html *h)
{
	static const char *const names[] = {"href", "src", "action", "formaction"};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == h->name_size && !memcmp(names[i], h->name, h->name_size))
			return true;
	return false;
}

/* In a tag: remembers the attribute's name, so that its quotes tell what may stand in them. */
static void html_follow_tag(struct Html *h, char c)
{
	if (c == '>') {
		h->place = HTML_TEXT;
	} else if (c == '"') {
		h->place = name_is_address(h) ? HTML_ADDRESS : HTML_ATTRIBUTE;
		h->name_size = 0;
	} else if (c == ' ' || c == '<') {
		h->name_size = 0;
	} else if (c != '=' && h->name_size < sizeof(h->name)) {
		h->name[h->name_size++] = c;
	}
}

void html_literal(struct Html *h, const char *literal, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (h->place == HTML_TEXT) {
			h->place = literal[i] == '<' ? HTML_TAG : HTML_TEXT;
			h->name_size = 0;
		} else if (h->place == HTML_TAG) {
			html_follow_tag(h, literal[i]);
		} else if (literal[i] == '"') {
			h->place = HTML_TAG;
		}
	}
	html_raw(h, literal, size);
}

/* The length of the character at p and its number; 1 and -1 for a byte that begins none. */
static size_t character_next(const uint8_t *p, size_t n, int32_t *ret)
{
	uint32_t c;
	size_t size = str_utf8_next((const char *)p, n, &c);

	*ret = size ? (int32_t)c : -1;
	return MAX(size, 1);
}

/* Characters that are not seen, or that move what is seen around them. */
static bool character_is_hidden(int32_t c)
{
	static const struct {
		int32_t first, last;
	} rows[] = {
	        {0x00, 0x1f},       /* C0 */
	        {0x7f, 0x9f},       /* DEL, C1 */
	        {0xad, 0xad},       /* soft hyphen */
	        {0x034f, 0x034f},   /* combining grapheme joiner */
	        {0x061c, 0x061c},   /* Arabic letter mark */
	        {0x115f, 0x1160},   /* Hangul fillers */
	        {0x17b4, 0x17b5},   /* Khmer inherent vowels */
	        {0x180b, 0x180f},   /* Mongolian selectors */
	        {0x200b, 0x200f},   /* zero width, marks of direction */
	        {0x2028, 0x202e},   /* separators, embeddings, overrides */
	        {0x2060, 0x206f},   /* joiner, isolates, deprecated controls */
	        {0x3164, 0x3164},   /* Hangul filler */
	        {0xfeff, 0xfeff},   /* byte order mark */
	        {0xffa0, 0xffa0},   /* half-width filler */
	        {0xfff0, 0xfffb},   /* annotations */
	        {0xe0000, 0xe0fff}, /* tags */
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows) && c >= rows[i].first; i++)
		if (c <= rows[i].last)
			return true;
	return false;
}

static const char *character_entity(int32_t c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

static void html_hidden(struct Html *h, uint8_t byte, int32_t c)
{
	char number[32];

	if (c < 0)
		snprintf(number, sizeof(number), "\\x%02x", byte);
	else
		snprintf(number, sizeof(number), "\\u{%04X}", (unsigned int)c);
	if (h->place == HTML_TEXT)
		html_raw(h, "<span class=\"hidden-char\">", 26);
	html_raw(h, number, strlen(number));
	if (h->place == HTML_TEXT)
		html_raw(h, "</span>", 7);
}

/* How much of a text may stand as it is. */
static size_t plain_length(const uint8_t *p, size_t n)
{
	size_t at = 0, size;
	int32_t c;

	for (; at < n; at += size) {
		size = character_next(p + at, n - at, &c);
		if (c < 0 || character_entity(c) || character_is_hidden(c))
			break;
	}
	return at;
}

void html_text_n(struct Html *h, const void *bytes, size_t n)
{
	const uint8_t *p = bytes;

	if (h->place != HTML_TEXT && h->place != HTML_ATTRIBUTE)
		abort();
	for (size_t at = 0, size; at < n; at += size) {
		const char *entity;
		int32_t c;

		size = plain_length(p + at, n - at);
		html_raw(h, (const char *)p + at, size);
		at += size;
		if (at == n)
			break;
		size = character_next(p + at, n - at, &c);
		entity = character_entity(c);
		if (entity)
			html_raw(h, entity, strlen(entity));
		else
			html_hidden(h, p[at], c);
	}
}

void html_text(struct Html *h, const char *text)
{
	html_text_n(h, text, strlen(text));
}

enum { WORD_MOST = 16 }; /* bytes of a word that are not broken */

static void text_soft_n(struct Html *h, const char *text, size_t n)
{
	size_t from = 0, word = 0, at = 0;

	if (h->place != HTML_TEXT)
		abort();
	for (; at < n; at++) {
		bool starts = ((uint8_t)text[at] & 0xc0) != 0x80; /* a character, not the rest of one */

		word = text[at] == ' ' ? 0 : word + 1;
		if (word <= WORD_MOST || !starts)
			continue;
		html_text_n(h, text + from, at - from);
		html_raw(h, "<wbr>", 5);
		from = at;
		word = 1;
	}
	html_text_n(h, text + from, at - from);
}

void html_text_soft(struct Html *h, const char *text)
{
	text_soft_n(h, text, strlen(text));
}

void html_lines(struct Html *h, const char *text)
{
	size_t n = strcspn(text, "\n");

	text_soft_n(h, text, n);
	for (; text[n]; n = strcspn(text, "\n")) {
		html_raw(h, "<br>", 4);
		text += n + 1;
		text_soft_n(h, text, strcspn(text, "\n"));
	}
}

void html_url(struct Html *h, const char *text)
{
	static const char kept[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

	if (h->place != HTML_ADDRESS)
		abort();
	for (; *text; text++) {
		char hex[4];

		if (strchr(kept, *text)) {
			html_raw(h, text, 1);
			continue;
		}
		snprintf(hex, sizeof(hex), "%%%02X", (uint8_t)*text);
		html_raw(h, hex, 3);
	}
}

void html_path(struct Html *h, const char *path)
{
	for (size_t n; *path; path += n) {
		char part[64];

		n = MIN(strcspn(path, "/"), sizeof(part) - 1);
		memcpy(part, path, n);
		part[n] = '\0';
		html_url(h, part);
		if (path[n] == '/') {
			html_raw(h, "/", 1);
			n++;
		}
	}
}

void html_append(struct Html *h, const struct Html *other)
{
	if (h->place != HTML_TEXT || other->place != HTML_TEXT)
		abort();
	h->failed |= other->failed;
	if (other->text)
		html_raw(h, other->text, other->size);
}

void html_say(struct Html *h, const char *sentence)
{
	html_text(h, language_text(h->language, sentence));
}

void html_fill(struct Html *h, const char *sentence, const char *const *values)
{
	const char *text = language_text(h->language, sentence), *mark;

	for (; *values && (mark = strstr(text, "%s")); values++) {
		html_text_n(h, text, (size_t)(mark - text));
		html_text(h, *values);
		text = mark + 2;
	}
	html_text(h, text);
}

void html_digits(struct Html *h, int64_t value)
{
	char digits[24];

	if (h->place == HTML_TAG)
		abort();
	snprintf(digits, sizeof(digits), "%jd", (intmax_t)value);
	html_raw(h, digits, strlen(digits));
}

void html_number(struct Html *h, int64_t value)
{
	char digits[24], *p = digits;
	size_t n;

	snprintf(digits, sizeof(digits), "%jd", (intmax_t)value);
	if (*p == '-')
		html_raw(h, p++, 1);
	for (n = strlen(p); n; n--) {
		html_raw(h, p++, 1);
		if (n % 3 == 1 && n > 1)
			html_raw(h, ",", 1);
	}
}
