/* SPDX-License-Identifier: Apache-2.0 */
#include "compared.h"

#include "judge.h"
#include "say.h"
#include "str.h"

#define HOLES_MOST 3

/* What the judge says it compared, rule by rule; %s is what a device, a person or a clock put there. Rules
   that are not here say a serial number, a medium's or a loan's: it stands as it is. */
static const struct {
	const char *rule, *words;
} rows[] = {
        {"policy-in-force", N_("configuration in force")},
        {"policy-in-force", N_("configuration missing")},
        {"well-formed", N_("%s bytes of descriptors, interface settings: %s")},
        {"kind-let-in", N_("%s is a disk by its vendor and product only")},
        {"kind-let-in", N_("interface %s is %s")},
        {"one-function", N_("interface settings: %s, one function")},
        {"one-function", N_("interface settings: %s, more than one function")},
        {"has-serial", N_("serial number of %s bytes")},
        {"no-twin", N_("another device of this identity is present")},
        {"no-twin", N_("the only one of its identity")},
        {"registered", N_("not on the register")},
        {"not-revoked", N_("revoked")},
        {"not-revoked", N_("not revoked")},
        {"time-sure", N_("earlier than it has been")},
        {"time-sure", N_("not earlier than it has been")},
        {"checked-out", N_("no checkout")},
        {"not-overdue", N_("until %s")},
        {"right-terminal", N_("for the terminal that lent it")},
        {"right-terminal", N_("for terminals %s")},
        /* of every rule whose name begins so */
        {"label", N_("none on record")},
        {"label", N_("not read yet")},
        {"label", N_("the one on record")},
        {"label", N_("no whole label found")},
        {"label", N_("counter %s, on record %s")},
};

/* What stands in the holes of `words`, each up to the words behind it; -1: it is another sentence. */
static int holes_read(const char *words, const char *text, char *ret[HOLES_MOST])
{
	int n = 0;

	for (;;) {
		size_t size = strcspn(words, "%"), hole;

		if (strncmp(words, text, size))
			return -1;
		words += size;
		text += size;
		if (!*words)
			return *text ? -1 : n;
		words += 2;
		size = strcspn(words, "%");
		hole = strlen(text);
		if (size) {
			const char *behind = memmem(text, hole, words, size);

			if (!behind)
				return -1;
			hole = (size_t)(behind - text);
		}
		if (n == HOLES_MOST || !hole)
			return -1;
		ret[n++] = strndup(text, hole);
		text += hole;
	}
}

/* The holes' words in the order of the sentence; they are freed. */
static char *holes_fill(const char *words, char *holes[HOLES_MOST], int n)
{
	char *text = strdup(words);

	for (int i = 0; i < n && text; i++) {
		char *filled = say_fill(text, holes[i] ? holes[i] : "");

		free(text);
		text = filled;
	}
	if (!text)
		abort();
	return text;
}

static bool rule_has(const char *words, const char *rule)
{
	return str_eq(words, rule) || (str_eq(words, "label") && !strncmp(rule, words, strlen(words)));
}

char *compared_text(unsigned int rule, const char *compared)
{
	_cleanup_free_ char *text = say_escape(compared);

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char *holes[HOLES_MOST] = {}, *said = NULL;
		int n = -1;

		if (rule_has(rows[i].rule, judge_rule_name(rule)))
			n = holes_read(rows[i].words, text, holes);
		if (n >= 0)
			said = holes_fill(_(rows[i].words), holes, n);
		for (int k = 0; k < HOLES_MOST; k++)
			free(holes[k]);
		if (said)
			return said;
	}
	return ptr_steal(&text);
}
