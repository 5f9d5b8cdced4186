/* SPDX-License-Identifier: Apache-2.0 */
/* policy check: says of configuration files what the agent would say, without an agent. */
#include "json.h"
#include "parse.h"
#include "say.h"
#include "str.h"
#include "verb.h"

#include <stdio.h>
#include <sys/stat.h>

static void stream_closep(FILE **f)
{
	if (*f)
		fclose(*f);
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int say_result(const struct Context *c, struct Json *out, const char *path, int fault, const char *error)
{
	_cleanup_free_ char *shown = say_escape(path);

	if (c->json) {
		json_object(out, NULL);
		json_text(out, "file", path);
		json_text(out, "outcome", fault_row(fault)->code);
		if (fault)
			json_text(out, "error", error);
		json_end_object(out);
	} else if (fault)
		say_fault(fault, error, NULL);
	else
		printf("%s: ok\n", shown);
	return fault_row(fault)->status;
}

static int check_file(const struct Context *c, struct Json *out, const char *path)
{
	_cleanup_(stream_closep) FILE *f = NULL;
	struct ConfigReader reader = {};
	int file = config_by_name(base_name(path)), r;

	if (file < 0)
		return say_result(c, out, path, FAULT_BAD_CONFIG,
		        _("the file's name must be terminal.conf, policy.conf, roster.conf or recipients.conf"));
	f = fopen(path, "re");
	if (!f)
		return say_result(c, out, path, FAULT_UNREADABLE, path);
	r = config_file_read(&reader, (enum ConfigFile)file, f);
	return say_result(c, out, path, r < 0 ? FAULT_UNREADABLE : r, r < 0 ? path : reader.error);
}

static int check_folder(const struct Context *c, struct Json *out, const char *folder)
{
	int status = EXIT_OK;

	for (int i = 0; i < _CONFIG_FILE_N; i++) {
		char path[4096];
		int r;

		snprintf(path, sizeof(path), "%.3900s/%s", folder, config_name((enum ConfigFile)i));
		r = check_file(c, out, path);
		status = MAX(status, r);
	}
	return status;
}

static int policy_run(const struct Context *c, const void *args _unused_, int n, char **words)
{
	struct Json out = {.out = stdout};
	int status = EXIT_OK;

	if (strcmp(words[0], "check")) {
		_cleanup_free_ char *word = say_escape(words[0]);

		return say_usage(_("policy takes check, not \"%s\""), word);
	}
	if (n == 1)
		status = check_folder(c, &out, "/etc/mediagate");
	for (int i = 1; i < n; i++) {
		struct stat st;
		int r = !stat(words[i], &st) && S_ISDIR(st.st_mode) ? check_folder(c, &out, words[i])
		                                                    : check_file(c, &out, words[i]);

		status = MAX(status, r);
	}
	return status;
}

const struct Command verb_policy = {
        .name = "policy",
        .arguments = N_("check [FILE|FOLDER…]"),
        .summary = N_("check configuration files; needs no agent"),
        .help = N_("Names file and line of the first mistake in each file. Without a file: those in "
                   "/etc/mediagate."),
        .least = 1,
        .most = 64,
        .run = policy_run,
};
