/* SPDX-License-Identifier: Apache-2.0 */
#include "forward_conf.h"

#include "str.h"

#include <libconfig.h>

#define MOST  (64 << 10)
#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"

static const struct Key {
	const char *name;
	size_t offset, size;
} keys[] = {
#define TEXT(member)                                                                                        \
	{                                                                                                   \
#member, offsetof(struct ForwardConf, member), sizeof(((struct ForwardConf *)NULL)->member) \
	}
        TEXT(url),
        TEXT(console_key),
        TEXT(ca),
        TEXT(ledgers),
        TEXT(state),
        TEXT(agent),
#undef TEXT
};

void forward_conf_default(struct ForwardConf *c)
{
	*c = (struct ForwardConf){.ledgers = "/var/lib/mediagate/ledger",
	        .state = "/var/lib/mediagate-forward",
	        .agent = "/run/mediagate/socket"};
}

/* ------------------------------------------------------------------ the address */

static bool is_here(const char *host)
{
	return str_eq(host, "127.0.0.1") || str_eq(host, "localhost");
}

/* What is not encrypted stays on this machine: a console beside the agent, or the tests. */
static bool url_read(struct ForwardConf *c)
{
	const char *at = c->url;
	size_t n;

	c->tls = strncmp(at, "https://", 8) == 0;
	if (!c->tls && strncmp(at, "http://", 7) != 0)
		return false;
	at += c->tls ? 8 : 7;
	n = strspn(at, PLAIN);
	if (!n || str_set_n(c->host, sizeof(c->host), at, n) < 0 || (!c->tls && !is_here(c->host)))
		return false;
	at += n;
	STR_SET(c->port, c->tls ? "443" : "80");
	if (*at == ':') {
		n = strspn(++at, "0123456789");
		if (!n || str_set_n(c->port, sizeof(c->port), at, n) < 0 || strtol(c->port, NULL, 10) > 65535)
			return false;
		at += n;
	}
	return !*at || str_eq(at, "/");
}

/* ------------------------------------------------------------------ the file */

static bool set_key(const config_setting_t *setting, struct ForwardConf *c, const char **ret_what)
{
	const char *name = config_setting_name(setting), *text = config_setting_get_string(setting);

	*ret_what = "unknown key";
	for (size_t i = 0; name && i < ARRAY_SIZE(keys); i++) {
		if (!str_eq(keys[i].name, name))
			continue;
		*ret_what = keys[i].name;
		return text && str_is_line(text, strlen(text)) &&
		       str_set((char *)c + keys[i].offset, keys[i].size, text) == 0;
	}
	return false;
}

static int read_all(const config_t *config, struct ForwardConf *c, int *ret_line, const char **ret_what)
{
	const config_setting_t *root = config_root_setting(config);

	for (int i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *setting = config_setting_get_elem(root, (unsigned int)i);

		*ret_line = (int)config_setting_source_line(setting);
		if (!set_key(setting, c, ret_what))
			return 1;
	}
	*ret_line = 0;
	*ret_what = "url";
	if (!url_read(c))
		return 1;
	*ret_what = "console_key";
	return !*c->console_key;
}

/* libconfig follows @include: whatever it names would be read with our rights. */
int forward_conf_parse(const char *text, struct ForwardConf *c, int *ret_line, const char **ret_what)
{
	config_t config;
	int r;

	*ret_line = 0;
	*ret_what = "@include";
	if (strstr(text, "@include"))
		return 1;
	config_init(&config);
	r = config_read_string(&config, text) == CONFIG_TRUE ? 0 : 1;
	if (r) {
		*ret_line = config_error_line(&config);
		*ret_what = "syntax error";
	} else
		r = read_all(&config, c, ret_line, ret_what);
	config_destroy(&config);
	return r;
}

int forward_conf_read(const char *path, struct ForwardConf *c, char *ret_error, size_t size)
{
	_cleanup_stream_ FILE *f = fopen(path, "re");
	_cleanup_free_ char *text = calloc(1, MOST + 1);
	const char *what = "a NUL";
	int line = 0;
	size_t n;

	if (!f)
		return -errno;
	if (!text)
		return -ENOMEM;
	n = fread(text, 1, MOST, f);
	if (ferror(f) || n == MOST)
		return ferror(f) ? -EIO : -E2BIG;
	if (strlen(text) == n && !forward_conf_parse(text, c, &line, &what))
		return 0;
	snprintf(ret_error, size, "%s:%d: %s", path, line, what);
	return 1;
}
