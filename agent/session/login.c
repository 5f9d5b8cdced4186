/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may send a signal to our name on the system bus is anybody: only what the owner of logind's name says is heard.
 * Its number on the bus comes from the bus itself, and from answers, which the bus lets nobody else give.
 *
 * After every lock that is given it is asked whether a sleep has begun meanwhile: a word that was lost, with a bus or
 * a logind that was started anew, is made good by that.
 */
#include "login.h"

#include "log.h"

#include <fcntl.h>
#include <systemd/sd-bus.h>

#define LOGIND	   "org.freedesktop.login1"
#define PATH	   "/org/freedesktop/login1"
#define MANAGER	   "org.freedesktop.login1.Manager"
#define BUS	   "org.freedesktop.DBus"
#define REPLY_WAIT (25 * 1000000ull) /* microseconds */

struct Login {
	sd_bus *bus;
	struct LoginCalls calls;
	void *owner;
	char *logind;	/* its number on the bus, NULL: not known */
	int lock;	/* while it is open logind waits; -1: none */
	bool told_lock; /* what the owner heard last */
	bool asking;	/* for the lock */
	bool again;	/* and once more after the answer */
	bool refused;	/* that it was is in the journal already */
};

static int lock_ask(struct Login *l);

struct Login *login_free(struct Login *l)
{
	if (!l)
		return NULL;
	fd_close(l->lock);
	sd_bus_close_unref(l->bus); /* not flushed: a bus that does not read would hold us */
	free(l->logind);
	free(l);
	return NULL;
}

void login_freep(struct Login **l)
{
	*l = login_free(*l);
}

/* ------------------------------------------------------------------ the lock */

static int lock_tell(struct Login *l, bool held)
{
	if (l->told_lock == held)
		return 0;
	l->told_lock = held;
	return l->calls.lock(l->owner, held);
}

static int logind_is(struct Login *l, const char *name)
{
	char *copy = name && *name ? strdup(name) : NULL;

	if (name && *name && !copy)
		return -ENOMEM;
	free(l->logind);
	l->logind = copy;
	return 0;
}

static int sleep_state(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct Login *l = userdata;
	int begins;

	(void)error;
	if (sd_bus_message_is_method_error(m, NULL) || sd_bus_message_read(m, "v", "b", &begins) < 0)
		return 0; /* an older logind, perhaps: its signal remains */
	if (begins && l->lock < 0)
		return 0; /* it was let go already for the sleep that this is about */
	return l->calls.sleep(l->owner, begins);
}

static int lock_taken(struct Login *l, sd_bus_message *m)
{
	int fd, r = sd_bus_message_read(m, "h", &fd);

	if (r < 0)
		return r;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 0); /* that one is the message's */
	if (fd < 0)
		return -errno;
	fd_close(l->lock);
	l->lock = fd;
	l->refused = false;
	r = logind_is(l, sd_bus_message_get_sender(m));
	if (r >= 0)
		r = lock_tell(l, true);
	if (r >= 0)
		r = sd_bus_call_method_async(l->bus, NULL, LOGIND, PATH, "org.freedesktop.DBus.Properties", "Get", sleep_state,
			l, "ss", MANAGER, "PreparingForSleep");
	return r;
}

static int lock_answered(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct Login *l = userdata;
	const sd_bus_error *e = sd_bus_message_get_error(m);

	(void)error;
	l->asking = false;
	if (l->again) {
		l->again = false;
		return lock_ask(l);
	}
	if (!e)
		return lock_taken(l, m);
	if (!l->refused)
		log_warning("no lock of logind: %s", e->message ? e->message : e->name);
	l->refused = true;
	/* somebody who says no, or nobody: NameOwnerChanged tells when that changes */
	return lock_tell(l, false);
}

static int lock_ask(struct Login *l)
{
	int r;

	if (l->asking) {
		l->again = true;
		return 0;
	}
	r = sd_bus_call_method_async(l->bus, NULL, LOGIND, PATH, MANAGER, "Inhibit", lock_answered, l, "ssss", "sleep",
		"mediagate", "ends sessions with removable media", "delay");
	l->asking = r >= 0;
	return r < 0 ? r : 0;
}

void login_release(struct Login *l)
{
	l->lock = fd_close(l->lock);
}

/* ------------------------------------------------------------------ what is told */

static int sleep_told(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct Login *l = userdata;
	const char *sender = sd_bus_message_get_sender(m);
	int begins, r;

	(void)error;
	if (!sender || !l->logind || strcmp(sender, l->logind) != 0 || sd_bus_message_read(m, "b", &begins) < 0)
		return 0;
	r = l->calls.sleep(l->owner, begins);
	/* let go for the sleep that is over, or refused before it */
	return r >= 0 && !begins && l->lock < 0 ? lock_ask(l) : r;
}

static int owner_changed(sd_bus_message *m, void *userdata, sd_bus_error *error)
{
	struct Login *l = userdata;
	const char *sender = sd_bus_message_get_sender(m), *name, *before, *now;
	int r;

	(void)error;
	if (!sender || strcmp(sender, BUS) != 0 || sd_bus_message_read(m, "sss", &name, &before, &now) < 0 ||
		strcmp(name, LOGIND) != 0)
		return 0;
	r = logind_is(l, now);
	if (r < 0)
		return r;
	l->lock = fd_close(l->lock); /* nobody reads the other end */
	r = lock_tell(l, false);
	return r >= 0 && *now ? lock_ask(l) : r;
}

/* ------------------------------------------------------------------ the bus */

static int bus_begin(struct Login *l)
{
	int r = sd_bus_open_system(&l->bus);

	if (r >= 0)
		r = sd_bus_set_method_call_timeout(l->bus, REPLY_WAIT);
	if (r >= 0)
		r = sd_bus_match_signal_async(l->bus, NULL, BUS, "/org/freedesktop/DBus", BUS, "NameOwnerChanged",
			owner_changed, NULL, l);
	if (r >= 0)
		r = sd_bus_match_signal_async(l->bus, NULL, LOGIND, PATH, MANAGER, "PrepareForSleep", sleep_told, NULL, l);
	return r < 0 ? r : lock_ask(l);
}

int login_open(const struct LoginCalls *calls, void *owner, struct Login **ret)
{
	_cleanup_(login_freep) struct Login *l = calloc(1, sizeof(*l));
	int r;

	if (!l)
		return -ENOMEM;
	l->calls = *calls;
	l->owner = owner;
	l->lock = -1;
	r = bus_begin(l);
	if (r < 0)
		return r;
	*ret = l;
	l = NULL;
	return 0;
}

int login_fd(const struct Login *l)
{
	return sd_bus_get_fd(l->bus);
}

int login_events(struct Login *l)
{
	return sd_bus_get_events(l->bus);
}

int login_until(struct Login *l, uint64_t *ret)
{
	return sd_bus_get_timeout(l->bus, ret);
}

int login_process(struct Login *l)
{
	int r;

	do
		r = sd_bus_process(l->bus, NULL);
	while (r > 0);
	return r;
}
