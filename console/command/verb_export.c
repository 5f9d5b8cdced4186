/* SPDX-License-Identifier: Apache-2.0 */
/* export --period PERIOD DIR: the package for an outside auditor. */
#include "ask.h"
#include "holiday.h"
#include "package.h"
#include "spawn.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>

/* Local midnight. */
static int64_t midnight(struct Day day)
{
	struct tm tm = {
	        .tm_year = day.year - 1900, .tm_mon = day.month - 1, .tm_mday = day.day, .tm_isdst = -1};

	return (int64_t)mktime(&tm) * 1000;
}

static bool days_set(struct Day first, struct Day end, struct Package *ret)
{
	if (!day_is_valid(first) || !day_is_valid(end) || day_number(first) >= day_number(end))
		return false;
	ret->from = midnight(first);
	ret->until = midnight(end);
	return true;
}

/* Digits where the form has a d, the form's own character elsewhere. */
static bool has_form(const char *text, const char *form)
{
	size_t n = strlen(form);

	if (strlen(text) != n)
		return false;
	for (size_t i = 0; i < n; i++)
		if (form[i] == 'd' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
			return false;
	return true;
}

/* 2026: the fiscal year; 2026-05: a month; 2026-05-01..2026-06-30: these days and all between them. */
static bool period_read(const char *text, struct Package *ret)
{
	struct Day a = {.month = 4, .day = 1}, b = {.day = 1};

	if (has_form(text, "dddd-dd-dd..dddd-dd-dd") &&
	        sscanf(text, "%d-%d-%d..%d-%d-%d", &a.year, &a.month, &a.day, &b.year, &b.month, &b.day) == 6)
		return day_is_valid(b) && days_set(a, day_from_number(day_number(b) + 1), ret);
	if (has_form(text, "dddd-dd") && sscanf(text, "%d-%d", &a.year, &a.month) == 2) {
		b.year = a.year + a.month / 12;
		b.month = a.month % 12 + 1;
		return days_set(a, b, ret);
	}
	if (!has_form(text, "dddd") || sscanf(text, "%d", &a.year) != 1)
		return false;
	b = (struct Day){a.year + 1, a.month, a.day};
	return days_set(a, b, ret);
}

static int write_package(const struct Command *c, struct Package *p)
{
	_cleanup_fd_ int held = command_lock(c);
	pid_t store;
	int r = held < 0 ? held : ask_store(c, &p->client.fd, &store);

	if (r < 0)
		return r;
	r = package_write(p);
	p->client.fd = fd_close(p->client.fd);
	if (spawn_wait(store) && r >= 0)
		r = -EIO;
	return r;
}

int verb_export(const struct Command *c, const char *period, const char *to)
{
	static struct Package p = {.data = -1, .dir = -1};
	int r;

	if (!period_read(period, &p))
		return command_error(COMMAND_USAGE, _("--period: a fiscal year (2026), a month (2026-05) or "
		                                      "days (2026-05-01..2026-06-30)"));
	r = ask_ready(c);
	if (r)
		return r;
	if (mkdir(to, 0700))
		return command_error(COMMAND_FAILED, "%s: %s", to, strerrordesc_np(errno));
	p.dir = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	p.data = open(c->settings.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = p.dir < 0 || p.data < 0 ? -errno : write_package(c, &p);
	if (r < 0)
		command_error(COMMAND_FAILED, "%s: %s", to, strerrordesc_np(-r));
	else
		printf(ngettext("%zu ledger, %zu proofs; verify it with: python3 %s/check.py\n",
		               "%zu ledgers, %zu proofs; verify it with: python3 %s/check.py\n", p.n),
		        p.n, p.proofs, to);
	package_done(&p);
	fd_close(p.dir);
	fd_close(p.data);
	return r < 0 ? COMMAND_FAILED : COMMAND_OK;
}
