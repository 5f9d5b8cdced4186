/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mediagate-console: reads its configuration, becomes the console's user, starts its processes. It parses no
 * ledger, holds no database and answers no browser.
 */
#include "command.h"
#include "log.h"
#include "privs.h"
#include "str.h"

#include <getopt.h>
#include <locale.h>
#include <stdarg.h>
#include <sys/stat.h>

#ifndef LOCALEDIR
#define LOCALEDIR "/usr/share/locale"
#endif
#define CONFIG_FILE "/etc/mediagate/console.conf"
#define OWNER       "mediagate-console"

int command_error(int status, const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs("error: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return status;
}

int command_data(const struct Command *c)
{
	struct stat st;

	if (mkdir(c->settings.data, 0700) && errno != EEXIST)
		return command_error(COMMAND_FAILED, "%s: %s", c->settings.data, strerrordesc_np(errno));
	if (stat(c->settings.data, &st))
		return command_error(COMMAND_FAILED, "%s: %s", c->settings.data, strerrordesc_np(errno));
	if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || st.st_mode & 077)
		return command_error(COMMAND_FAILED, _("%s: must be a folder that is ours alone (mode 0700)"),
		        c->settings.data);
	return 0;
}

static int usage(int status)
{
	fprintf(status ? stderr : stdout, "%s",
	        _("usage: mediagate-console import [--quiet] [--data DIR] FOLDER…\n"
	          "       mediagate-console serve [--port N] [--push-port N] [--data DIR] [--config FILE]\n"
	          "       mediagate-console key [--data DIR] [--config FILE]\n"
	          "       mediagate-console report [--format html|csv] [--data DIR] NAME [FIELD=VALUE…]\n"
	          "       mediagate-console export --period PERIOD [--data DIR] DIR\n"));
	return status;
}

enum {
	OPT_DATA = 256,
	OPT_PORT,
	OPT_PUSH_PORT,
	OPT_CONFIG,
	OPT_NO_CONFIG,
	OPT_LIBEXEC,
	OPT_QUIET,
	OPT_USER,
	OPT_REVIEW,
	OPT_FORMAT,
	OPT_PERIOD,
	OPT_HELP,
	OPT_VERSION
};

static const struct option options[] = {
        {"data", required_argument, NULL, OPT_DATA},
        {"port", required_argument, NULL, OPT_PORT},
        {"push-port", required_argument, NULL, OPT_PUSH_PORT},
        {"config", required_argument, NULL, OPT_CONFIG},
        {"no-config", no_argument, NULL, OPT_NO_CONFIG},
        {"libexec", required_argument, NULL, OPT_LIBEXEC},
        {"quiet", no_argument, NULL, OPT_QUIET},
        {"review", required_argument, NULL, OPT_REVIEW},
        {"user", required_argument, NULL, OPT_USER},
        {"format", required_argument, NULL, OPT_FORMAT},
        {"period", required_argument, NULL, OPT_PERIOD},
        {"help", no_argument, NULL, OPT_HELP},
        {"version", no_argument, NULL, OPT_VERSION},
        {},
};

struct Typed {
	const char *data, *config, *libexec, *user, *review, *format, *period;
	long port, push_port; /* -1: not typed; 0: any */
	bool no_config, quiet;
};

static bool read_port(const char *text, long *ret)
{
	char *end;

	*ret = strtol(text, &end, 10);
	return !*end && end != text && *ret >= 0 && *ret <= 65535;
}

/* -1: go on; an exit status. */
static int read_options(int argc, char **argv, struct Typed *t)
{
	int c;

	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (c) {
		case OPT_DATA:
			t->data = optarg;
			break;
		case OPT_CONFIG:
			t->config = optarg;
			break;
		case OPT_LIBEXEC:
			t->libexec = optarg;
			break;
		case OPT_REVIEW:
			t->review = optarg;
			break;
		case OPT_USER:
			t->user = optarg;
			break;
		case OPT_FORMAT:
			t->format = optarg;
			break;
		case OPT_PERIOD:
			t->period = optarg;
			break;
		case OPT_NO_CONFIG:
			t->no_config = true;
			break;
		case OPT_QUIET:
			t->quiet = true;
			break;
		case OPT_PORT:
		case OPT_PUSH_PORT:
			if (!read_port(optarg, c == OPT_PORT ? &t->port : &t->push_port))
				return command_error(COMMAND_USAGE, _("%s is no port"), optarg);
			break;
		case OPT_HELP:
			return usage(COMMAND_OK);
		case OPT_VERSION:
			printf("mediagate-console %s\n", MEDIAGATE_VERSION);
			return COMMAND_OK;
		default:
			return usage(COMMAND_USAGE);
		}
	}
	return -1;
}

/* Without a file the defaults are in force; one that is named must be there. */
static int read_config(const struct Typed *t, struct Command *c)
{
	const char *path = t->config ? t->config : CONFIG_FILE;
	char error[700];
	int r;

	settings_default(&c->settings);
	r = t->no_config ? 0 : flat_read(&console_conf, path, &c->settings, error, sizeof(error));
	if (r == 1)
		return command_error(COMMAND_UNREADABLE, "%s", error);
	if (r < 0 && (r != -ENOENT || t->config))
		return command_error(COMMAND_UNREADABLE, "%s: %s", path, strerrordesc_np(-r));
	if (t->data && STR_SET(c->settings.data, t->data) < 0)
		return command_error(COMMAND_USAGE, _("--data: too long"));
	if (t->review && review_read(t->review, &c->settings.review) < 0)
		return command_error(COMMAND_USAGE, "--review: %s", strerrordesc_np(EINVAL));
	if (t->port >= 0)
		c->settings.port = (uint16_t)t->port;
	if (t->push_port >= 0)
		c->settings.push_port = (uint16_t)t->push_port;
	c->pushes = t->push_port >= 0 || c->settings.push_port;
	c->programs = t->libexec ? t->libexec : LIBEXECDIR;
	c->quiet = t->quiet;
	c->user = t->user ? t->user : OWNER;
	return 0;
}

/* Started as root it becomes the console's user at once; otherwise it stays who started it, for a look at
 * one's own copies. */
static int become_owner(const char *user)
{
	uid_t uid = getuid();
	gid_t gid = getgid();
	int r = uid == 0 ? privs_lookup(user, &uid, &gid) : 0;

	if (r < 0)
		return command_error(COMMAND_FAILED, "%s: %s", user, strerrordesc_np(-r));
	r = privs_drop(uid, gid, 1024); /* web needs most of them */
	return r < 0 ? command_error(COMMAND_FAILED, "%s", strerrordesc_np(-r)) : 0;
}

static int run_verb(const struct Command *c, const struct Typed *t, char **words)
{
	const char *verb = words[0], *name = words[1];

	if (str_eq(verb, "import") && name)
		return verb_import(c, words + 1);
	if (str_eq(verb, "serve") && !name)
		return verb_serve(c);
	if (str_eq(verb, "key") && !name)
		return verb_key(c);
	if (str_eq(verb, "report") && name)
		return verb_report(c, name, t->format ? t->format : "html", words + 2);
	if (str_eq(verb, "export") && name && !words[2] && t->period)
		return verb_export(c, t->period, name);
	return usage(COMMAND_USAGE);
}

int main(int argc, char **argv)
{
	static struct Command command;
	struct Typed typed = {.port = -1, .push_port = -1};
	int r;

	log_open("mediagate-console");
	setlocale(LC_ALL, "");
	bindtextdomain("mediagate", LOCALEDIR);
	textdomain("mediagate");
	umask(0077);
	r = read_options(argc, argv, &typed);
	if (r >= 0)
		return r;
	if (!argv[optind])
		return usage(COMMAND_USAGE);
	r = read_config(&typed, &command);
	if (!r)
		r = become_owner(command.user);
	return r ? r : run_verb(&command, &typed, argv + optind);
}
