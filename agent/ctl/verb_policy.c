/* SPDX-License-Identifier: Apache-2.0 */
/* policy check: says of configuration files what the agent would say, without an agent. */
#include "crypto.h"
#include "json.h"
#include "note.h"
#include "parse.h"
#include "say.h"
#include "str.h"
#include "verb.h"

#include <pwd.h>
#include <sys/stat.h>

#define FOLDER "/etc/mediagate"

struct Check {
	const struct Context *context;
	struct Json out;
	const char *path; /* of the file under way */
	bool here;        /* the logins are this terminal's */
	int status;
};

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* The text begins with the file's base name; people get its path. */
static void say_one(void *owner, enum ConfigSaying what, const char *text)
{
	struct Check *c = owner;
	_cleanup_free_ char *folder = say_escape_n(c->path, (size_t)(base_name(c->path) - c->path));
	_cleanup_free_ char *shown = say_escape(text);

	if (c->context->json) {
		json_object(&c->out, NULL);
		json_text(&c->out, "type", what == CONFIG_MISTAKE ? "mistake" : "note");
		json_text(&c->out, "text", text);
		json_end_object(&c->out);
	} else if (what == CONFIG_MISTAKE) {
		say_error("%s%s", folder, shown);
	} else {
		say_warning("%s%s", folder, shown);
	}
}

/* As load finds it: in /etc/passwd and nowhere else. */
static int uid_find(void *owner, const char *login, uid_t *ret)
{
	_cleanup_stream_ FILE *f = fopen("/etc/passwd", "re");
	char text[LIMIT_SUBJECT];

	for (struct passwd *p; f && (p = fgetpwent(f));)
		if (str_eq(p->pw_name, login)) {
			*ret = p->pw_uid;
			return 0;
		}
	snprintf(
	        text, sizeof(text), "roster.conf: %s has no account on this terminal and is left out", login);
	say_one(owner, CONFIG_NOTE, text);
	return -ENOENT;
}

static bool issuer_is(void *owner _unused_, const char *vkey)
{
	_cleanup_(crypto_freep) struct Crypto *c = NULL;
	struct Vkey key;

	return crypto_new(&c) < 0 || vkey_parse(c, vkey, strlen(vkey), &key) == 0;
}

static void result_say(struct Check *c, int fault)
{
	_cleanup_free_ char *shown = say_escape(c->path);

	if (c->context->json) {
		json_end_array(&c->out);
		json_text(&c->out, "outcome", fault_row(fault)->code);
		json_end_object(&c->out);
	} else if (fault == FAULT_OK) {
		printf("%s: ok\n", shown);
	} else if (fault != FAULT_BAD_CONFIG) {
		say_fault(fault, c->path, NULL);
	}
	c->status = MAX(c->status, fault_row(fault)->status);
}

static int file_read(struct Check *c)
{
	_cleanup_stream_ FILE *f = NULL;
	struct ConfigReader reader = {.say = say_one, .owner = c, .issuer = issuer_is, .uid = c->here ? uid_find : NULL};
	int file = config_by_name(base_name(c->path)), r;
	char text[LIMIT_SUBJECT];

	if (file < 0) {
		snprintf(text, sizeof(text), "%s: %s", base_name(c->path),
		        _("the file's name must be terminal.conf, policy.conf, roster.conf or "
		          "recipients.conf"));
		say_one(c, CONFIG_MISTAKE, text);
		return FAULT_BAD_CONFIG;
	}
	f = fopen(c->path, "re");
	if (!f)
		return FAULT_UNREADABLE;
	r = config_file_read(&reader, (enum ConfigFile)file, f);
	return r < 0 ? FAULT_UNREADABLE : r;
}

static void check_file(struct Check *c, const char *path)
{
	c->path = path;
	if (c->context->json) {
		json_object(&c->out, NULL);
		json_text(&c->out, "file", path);
		json_array(&c->out, "messages");
	}
	result_say(c, file_read(c));
}

static void check_folder(struct Check *c, const char *folder)
{
	for (int i = 0; i < _CONFIG_FILE_N; i++) {
		_cleanup_free_ char *path = NULL;

		if (asprintf(&path, "%s/%s", folder, config_name((enum ConfigFile)i)) < 0)
			abort();
		check_file(c, path);
	}
}

static bool is_folder(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

static int policy_run(const struct Context *context, const void *args _unused_, int n, char **words)
{
	struct Check c = {.context = context, .out = {.out = stdout}, .here = n == 1};

	if (strcmp(words[0], "check")) {
		_cleanup_free_ char *word = say_escape(words[0]);

		return say_usage(_("policy takes check, not \"%s\""), word);
	}
	if (context->json) {
		json_object(&c.out, NULL);
		json_array(&c.out, "files");
	}
	if (n == 1)
		check_folder(&c, FOLDER);
	for (int i = 1; i < n; i++)
		if (is_folder(words[i]))
			check_folder(&c, words[i]);
		else
			check_file(&c, words[i]);
	if (context->json) {
		json_end_array(&c.out);
		json_end_object(&c.out);
	} else if (c.status == EXIT_CONFIG) {
		say_hint("%s", _(fault_row(FAULT_BAD_CONFIG)->hint));
	}
	return c.status;
}

const struct Command verb_policy = {
        .name = "policy",
        .arguments = N_("check [FILE|FOLDER…]"),
        .summary = N_("check configuration files; needs no agent"),
        .help = N_("Names file and line of every mistake. Without a file: those in /etc/mediagate, as this\n"
                   "terminal would read them."),
        .least = 1,
        .most = 64,
        .run = policy_run,
};
