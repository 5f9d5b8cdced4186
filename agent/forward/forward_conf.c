/* SPDX-License-Identifier: Apache-2.0 */
#include "forward_conf.h"

#include "str.h"

#define PLAIN "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-"

#define TEXT(member) FLAT_TEXT_ROW(struct ForwardConf, member)
static const struct FlatKey keys[] = {
        TEXT(url), TEXT(console_key), TEXT(ca), TEXT(ledgers), TEXT(state), TEXT(agent)};
#undef TEXT

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

static const char *conf_check(void *values)
{
	struct ForwardConf *c = values;

	if (!url_read(c))
		return "url";
	return *c->console_key ? NULL : "console_key";
}

const struct FlatFile forward_conf = {keys, ARRAY_SIZE(keys), conf_check};
