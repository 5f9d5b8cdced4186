/* SPDX-License-Identifier: Apache-2.0 */
#include "options.h"

#include "fault.h"
#include "say.h"

#include <getopt.h>

#define OPTIONS_MOST 48

/* The row that stands behind each entry of getopt's table, and where it goes. */
struct Slot {
	const struct Option *option;
	void *into;
};

static size_t table_build(
        const struct OptionTarget *targets, size_t n_targets, struct option *ret, struct Slot *ret_slots)
{
	size_t n = 0;

	for (size_t t = 0; t < n_targets; t++)
		for (const struct Option *o = targets[t].options; o && o->name; o++) {
			assert(n < OPTIONS_MOST);
			ret[n] = (struct option){
			        .name = o->name, .has_arg = o->type != OPTION_FLAG, .val = 256 + (int)n};
			ret_slots[n] = (struct Slot){o, targets[t].into};
			n++;
		}
	ret[n] = (struct option){};
	return n;
}

static int option_store(const struct Slot *slot, const char *value)
{
	char *member = (char *)slot->into + slot->option->offset;
	struct OptionList *list;
	const char *before;

	switch (slot->option->type) {
	case OPTION_FLAG:
		*(bool *)member = true;
		return 0;
	case OPTION_TEXT:
		memcpy(&before, member, sizeof(before));
		if (before) {
			say_usage(_("--%s is given twice"), slot->option->name);
			return -EINVAL;
		}
		memcpy(member, &value, sizeof(value));
		return 0;
	case OPTION_LIST:
		list = (struct OptionList *)(void *)member;
		if (list->n == OPTION_LIST_MOST) {
			say_usage(
			        _("--%s is given more than %d times"), slot->option->name, OPTION_LIST_MOST);
			return -EINVAL;
		}
		list->items[list->n++] = value;
		return 0;
	}
	return -EINVAL;
}

static int option_wrong(int what, char **argv)
{
	_cleanup_free_ char *word = say_escape(argv[optind - 1]);

	if (what == ':')
		say_usage(_("option %s needs a value"), word);
	else
		say_usage(_("option %s is not known, or takes no value"), word);
	return -EINVAL;
}

int options_parse(int argc, char **argv, const struct OptionTarget *targets, size_t n_targets)
{
	struct option table[OPTIONS_MOST + 1];
	struct Slot slots[OPTIONS_MOST];
	size_t n_options = table_build(targets, n_targets, table, slots);
	int n = 0, r;

	opterr = 0;
	optind = 0; /* glibc: start afresh, with the environment's POSIXLY_CORRECT */
	for (;;) {
		int found = getopt_long(argc, argv, ":", table, NULL);

		if (found < 0)
			break;
		if (found < 256 || (size_t)found - 256 >= n_options)
			return option_wrong(found, argv);
		r = option_store(&slots[found - 256], optarg);
		if (r < 0)
			return r;
	}
	while (optind < argc)
		argv[1 + n++] = argv[optind++];
	return n;
}
