/* SPDX-License-Identifier: Apache-2.0 */
/* mediagate: the command people type. Finds the verb's row, fills its options, runs it. */
#include "client.h"
#include "options.h"
#include "say.h"
#include "show.h"
#include "verb.h"

#include <locale.h>

#define VERB_ROW(name) &verb_##name,
static const struct Command *const verbs[] = {VERBS(VERB_ROW)};

struct Common {
	bool json, help, version;
	const char *socket, *locale_dir;
};

static const struct Option common_options[] = {
        {OPTION(struct Common, json, "json", OPTION_FLAG), NULL, N_("answer as JSON, for programs")},
        {OPTION(struct Common, help, "help", OPTION_FLAG), NULL, N_("show this help")},
        {OPTION(struct Common, version, "version", OPTION_FLAG), NULL, N_("show the version")},
        /* for tests */
        {OPTION(struct Common, socket, "socket", OPTION_TEXT), "PATH", NULL},
        {OPTION(struct Common, locale_dir, "locale-dir", OPTION_TEXT), "DIR", NULL},
        OPTIONS_END,
};

static const struct Command *verb_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (!strcmp(verbs[i]->name, name))
			return verbs[i];
	return NULL;
}

static void options_show(const struct Option *options)
{
	for (const struct Option *o = options; o && o->name; o++) {
		char left[128];

		if (!o->help)
			continue;
		snprintf(left, sizeof(left), "--%s%s%s", o->name, o->value ? " " : "",
		        o->value ? _(o->value) : "");
		printf("  ");
		show_cell(left, 26);
		printf(" %s\n", _(o->help));
	}
}

static int help_verb(const struct Command *verb)
{
	printf("%s mediagate %s%s%s%s\n", _("usage:"), verb->name, verb->options ? _(" [OPTION…]") : "",
	        *verb->arguments ? " " : "", *verb->arguments ? _(verb->arguments) : "");
	printf("%s\n", _(verb->summary));
	if (verb->help)
		printf("\n%s\n", _(verb->help));
	printf("\n%s\n", _("options:"));
	options_show(verb->options);
	options_show(common_options);
	return EXIT_OK;
}

static int help_all(void)
{
	printf("%s\n\n", _("usage: mediagate [VERB] [OPTION…] [WORD…]"));
	printf("%s\n\n", _("Removable media on this terminal: without a verb, where things stand."));
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		printf("  %-12s %s\n", verbs[i]->name, _(verbs[i]->summary));
	printf("\n%s\n", _("options:"));
	options_show(common_options);
	printf("\n%s\n", _("More about a verb: mediagate VERB --help"));
	return EXIT_OK;
}

static int words_wrong(const struct Command *verb, int n)
{
	if (n < verb->least)
		say_error(_("%s needs: %s"), verb->name, _(verb->arguments));
	else
		say_error(_("%s takes no such word"), verb->name);
	say_hint(_("see: mediagate %s --help"), verb->name);
	return EXIT_USAGE;
}

static int verb_run(const struct Command *verb, struct Common *common, int argc, char **argv)
{
	_cleanup_free_ void *args = calloc(1, verb->args_size ? verb->args_size : 1);
	struct Context c;
	int n;

	if (!args)
		return say_fault(FAULT_INTERNAL, "memory", NULL);
	n = options_parse(
	        argc, argv, (struct OptionTarget[]){{common_options, common}, {verb->options, args}}, 2);
	if (n < 0)
		return EXIT_USAGE;
	if (common->help)
		return help_verb(verb);
	if (n < verb->least || n > verb->most)
		return words_wrong(verb, n);
	c = (struct Context){.socket = common->socket ? common->socket : CLIENT_SOCKET, .json = common->json};
	return verb->run(&c, args, n, argv + 1);
}

/* The verb is the first word that is no option; what stands before it are options of all verbs. */
static int verb_place(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (argv[i][0] != '-')
			return i;
		if (!strcmp(argv[i], "--socket") || !strcmp(argv[i], "--locale-dir"))
			i++;
	}
	return 0;
}

static void language_start(int argc, char **argv)
{
	const char *dir = LOCALEDIR;

	for (int i = 1; i + 1 < argc; i++)
		if (!strcmp(argv[i], "--locale-dir"))
			dir = argv[i + 1];
	setlocale(LC_ALL, "");
	bindtextdomain("mediagate", dir);
	textdomain("mediagate");
}

static int run(int argc, char **argv)
{
	struct Common common = {};
	int place = verb_place(argc, argv);
	const struct Command *verb;

	if (place) {
		verb = verb_find(argv[place]);
		if (!verb) {
			_cleanup_free_ char *word = say_escape(argv[place]);

			return say_usage(_("there is no verb \"%s\""), word);
		}
		memmove(argv + place, argv + place + 1, (size_t)(argc - place) * sizeof(*argv));
		return verb_run(verb, &common, argc - 1, argv);
	}
	if (options_parse(argc, argv, &(struct OptionTarget){common_options, &common}, 1) < 0)
		return EXIT_USAGE;
	if (common.version)
		return printf("mediagate %s\n", MEDIAGATE_VERSION) < 0;
	if (common.help)
		return help_all();
	return verb_run(verbs[0], &(struct Common){.json = common.json, .socket = common.socket}, 1, argv);
}

int main(int argc, char **argv)
{
	int status;

	language_start(argc, argv);
	status = run(argc, argv);
	if (fflush(stdout) || ferror(stdout)) {
		say_error("%s", _("the answer could not be written"));
		return EXIT_INTERNAL;
	}
	return status;
}
