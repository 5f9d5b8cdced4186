/* SPDX-License-Identifier: Apache-2.0 */
/* Prints the keys of the configuration from their table: config_tables md|mdoc FILE. */
#include "config_keys.h"

#include <stdio.h>

static const char *const type_words[] = {
        [VALUE_NAME] = "name",
        [VALUE_LOGIN] = "login name",
        [VALUE_LINE] = "text",
        [VALUE_PATH] = "path",
        [VALUE_DATE] = "day",
        [VALUE_TIME] = "time of day",
        [VALUE_VKEY] = "label key",
        [VALUE_CLASS] = "USB class",
        [VALUE_NUMBER] = "number",
        [VALUE_FLAG] = "true or false",
        [VALUE_GROUPS] = "list of groups",
};

static_assert(ARRAY_SIZE(type_words) == _VALUE_TYPE_N, "a word for each type");

static void choices_print(const char *choices, const char *open, const char *close)
{
	for (const char *p = choices; *p;) {
		int n = (int)strcspn(p, " ");

		printf("%s%s%.*s%s", p == choices ? "" : ", ", open, n, p, close);
		p += n;
		p += strspn(p, " ");
	}
}

static void value_print(const struct KeyRow *key, const char *open, const char *close)
{
	bool text = key->type == VALUE_NAME || key->type == VALUE_LOGIN || key->type == VALUE_LINE ||
	            key->type == VALUE_PATH;

	if (key->list)
		printf("list: ");
	if (key->choices)
		choices_print(key->choices, open, close);
	else
		printf("%s", type_words[key->type]);
	if (key->type == VALUE_NUMBER)
		printf(" from %d to %d", key->least, key->most);
	if (key->type == VALUE_GROUPS)
		printf(", at most %d", key->most);
	if (text && !key->choices)
		printf(", at most %d bytes", key->most);
}

static void markdown(enum ConfigFile file)
{
	printf("| key | value | | meaning |\n|---|---|---|---|\n");
	for (int i = 0; i < _SETTING_N; i++) {
		const struct KeyRow *key = &config_keys[i];

		if (key->file != file)
			continue;
		printf("| %s`%s` | ", key->within == SETTING_TOP ? "" : "&nbsp;&nbsp;… ", key->name);
		value_print(key, "`", "`");
		printf(" | %s", key->required ? "required" : key->preset ? "default " : "");
		printf("%s%s", key->preset && !key->required ? key->preset : "",
		        key->later ? key->required ? "; no effect yet" : "no effect yet" : "");
		printf(" | %s |\n", key->help);
	}
}

static void mdoc(enum ConfigFile file)
{
	int within = SETTING_TOP;

	printf(".Bl -tag -width Ds\n");
	for (int i = 0; i < _SETTING_N; i++) {
		const struct KeyRow *key = &config_keys[i];

		if (key->file != file)
			continue;
		if (key->within != SETTING_TOP && within == SETTING_TOP)
			printf("Each group has:\n.Bl -tag -width Ds\n");
		if (key->within == SETTING_TOP && within != SETTING_TOP)
			printf(".El\n");
		within = key->within;
		printf(".It Cm %s No (", key->name);
		value_print(key, "", "");
		printf("%s%s%s%s)\n", key->required ? "; required" : "", key->preset ? "; default " : "",
		        key->preset ? key->preset : "", key->later ? "; no effect yet" : "");
		printf("%c%s.\n",
		        key->help[0] >= 'a' && key->help[0] <= 'z' ? key->help[0] - 32 : key->help[0],
		        key->help + 1);
	}
	if (within != SETTING_TOP)
		printf(".El\n");
	printf(".El\n");
}

int main(int argc, char **argv)
{
	int file = argc == 3 ? config_by_name(argv[2]) : -ENOENT;

	if (file < 0)
		return 2;
	if (!strcmp(argv[1], "md"))
		markdown((enum ConfigFile)file);
	else
		mdoc((enum ConfigFile)file);
	return 0;
}
