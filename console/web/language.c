/* SPDX-License-Identifier: Apache-2.0 */
#include "language.h"

#include "catalogue.h"
#include "str.h"

#include <strings.h>

struct LanguageRow {
	const char *tag, *own;
};
#define LANGUAGE_ROW(name, tag, own) {tag, own},
static const struct LanguageRow rows[] = {LANGUAGES(LANGUAGE_ROW)};
static_assert(ARRAY_SIZE(rows) == _LANGUAGE_N, "a row for each language");

const char *language_tag(enum Language language)
{
	return rows[language].tag;
}

const char *language_own_name(enum Language language)
{
	return rows[language].own;
}

const char *language_text(enum Language language, const char *sentence)
{
	const char *text = language == LANGUAGE_JAPANESE ? catalogue_find(sentence) : NULL;

	return text && *text ? text : sentence;
}

int language_from_tag(const char *tag, enum Language *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(tag, rows[i].tag)) {
			*ret = (enum Language)i;
			return 0;
		}
	return -ENOENT;
}

/* "ja-JP" is Japanese; "*" is nobody's. */
static int range_language(const char *range, size_t n)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		size_t size = strlen(rows[i].tag);

		if (n >= size && !strncasecmp(range, rows[i].tag, size) && (n == size || range[size] == '-'))
			return (int)i;
	}
	return -ENOENT;
}

/* Thousandths of the weight in ";q=0.8"; 1000 without, 0 when it is no weight. */
static unsigned int range_weight(const char *parameters, size_t n)
{
	unsigned int weight = 0, digit = 1000;
	const char *q = memmem(parameters, n, "q=", 2), *end = parameters + n;

	if (!q)
		return 1000;
	for (q += 2; q < end && digit; q++) {
		if (*q == '.')
			continue;
		if (*q < '0' || *q > '9')
			break;
		weight += (unsigned int)(*q - '0') * digit;
		digit /= 10;
	}
	return MIN(weight, 1000u);
}

enum Language language_accepted(const char *header, enum Language otherwise)
{
	enum Language best = otherwise;
	unsigned int most = 0;

	while (header && *header) {
		size_t n = strcspn(header, ","), skip = strspn(header, " \t"), tag;
		int found;

		skip = MIN(skip, n);
		tag = strcspn(header + skip, ",; \t");
		found = range_language(header + skip, tag);
		if (found >= 0) {
			unsigned int weight = range_weight(header + skip + tag, n - skip - tag);

			if (weight > most) {
				most = weight;
				best = (enum Language)found;
			}
		}
		header += n + (header[n] == ',');
	}
	return best;
}
