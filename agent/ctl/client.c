/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include "json.h"
#include "say.h"
#include "show.h"
#include "str.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#define VERB_WORD(name, word, channel) [VERB_##name] = (word),
static const char *const verb_words[] = {REQUEST_VERBS(VERB_WORD)};
#define FIELD_WORD(member, word, type, size) [REQUEST_##member] = (word),
static const char *const field_words[] = {REQUEST_FIELDS(FIELD_WORD)};

static_assert(ARRAY_SIZE(verb_words) == _VERB_N, "a word for each verb");
static_assert(ARRAY_SIZE(field_words) == _REQUEST_FIELD_N, "a word for each field");

void ask_start(struct Ask *a, enum Verb verb)
{
	a->bad = NULL;
	a->n = (size_t)snprintf(a->text, sizeof(a->text), "mediagate/1 %s\n", verb_words[verb]);
}

void ask_text(struct Ask *a, enum RequestField field, const char *value)
{
	size_t room = sizeof(a->text) - a->n;
	int n;

	if (!value)
		return;
	if (!str_is_line(value, strlen(value))) {
		a->bad = field_words[field];
		return;
	}
	n = snprintf(a->text + a->n, room, "%s=%s\n", field_words[field], value);
	if (n < 0 || (size_t)n >= room)
		a->bad = field_words[field];
	else
		a->n += (size_t)n;
}

void ask_time(struct Ask *a, enum RequestField field, int64_t ms)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, ms);
	ask_text(a, field, text);
}

void ask_flag(struct Ask *a, enum RequestField field, bool given)
{
	if (given)
		ask_text(a, field, "1");
}

static int socket_connect(const char *path, int *ret)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_fd_ int fd = -1;

	if (str_set(address.sun_path, sizeof(address.sun_path), path))
		return FAULT_NO_AGENT;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&address, sizeof(address)))
		return FAULT_NO_AGENT;
	*ret = fd_steal(&fd);
	return 0;
}

static int packet_send(int fd, const struct Ask *a, int channel)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = {.iov_len = a->n};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	const char *text = a->text;
	ssize_t n;

	memcpy(&iov.iov_base, &text, sizeof(text)); /* sendmsg only reads what iovec calls void * */
	if (channel >= 0) {
		struct cmsghdr *c;

		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &channel, sizeof(channel));
	}
	do
		n = sendmsg(fd, &m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n == (ssize_t)a->n ? 0 : FAULT_NO_AGENT;
}

int client_send(const struct Context *c, const struct Ask *a, int channel, int *ret)
{
	_cleanup_fd_ int fd = -1;
	int r;

	if (a->bad)
		return FAULT_BAD_REQUEST;
	r = socket_connect(c->socket, &fd);
	if (r)
		return r;
	r = packet_send(fd, a, channel);
	if (r)
		return r;
	*ret = fd_steal(&fd);
	return 0;
}

int client_receive(int fd, struct Message *ret)
{
	int r = channel_receive(fd, ret);

	if (r == 0)
		return 0;
	return r == CHANNEL_BROKEN ? FAULT_INTERNAL : FAULT_NO_AGENT;
}

/* A reply that nobody sent: the same path to the person as one that came. */
static int reply_make(struct MsgReply *ret, int fault, const char *subject)
{
	*ret = (struct MsgReply){.fault = (uint16_t)fault, .n = UINT64_MAX};
	STR_CUT(ret->subject, subject);
	return fault;
}

/* Erasing, comparing: what takes longer than a second says so at a terminal. */
static void wait_shown(int fd, bool *shown)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	if (*shown || !isatty(STDERR_FILENO) || poll(&p, 1, 1000) != 0)
		return;
	*shown = true;
	fprintf(stderr, "%s\r", _("working, please wait"));
}

static void wait_over(bool *shown)
{
	if (*shown)
		fputs("\033[K", stderr);
	*shown = false;
}

int client_call(
        const struct Context *c, const struct Ask *a, ClientRow row, void *owner, struct MsgReply *ret)
{
	_cleanup_fd_ int fd = -1;
	bool shown = false;
	int r = client_send(c, a, -1, &fd);

	if (r)
		return reply_make(ret, r, a->bad ? a->bad : "");
	for (;;) {
		_cleanup_message_ struct Message m;

		wait_shown(fd, &shown);
		r = client_receive(fd, &m);
		wait_over(&shown);
		if (r)
			return reply_make(ret, r, r == FAULT_INTERNAL ? "socket" : "");
		if (m.type == MSG_REPLY) {
			*ret = m.body.REPLY;
			client_mode_say(ret);
			return ret->fault;
		}
		if (row)
			row(owner, &m);
	}
}

void client_mode_say(const struct MsgReply *reply)
{
	if (reply->observe)
		say_warning("%s", _("OBSERVE MODE: what is refused is recorded and LET IN all the same"));
}

void client_reply_json(struct Json *j, const struct MsgReply *reply)
{
	json_flag(j, "ok", reply->fault == FAULT_OK);
	if (reply->observe)
		json_text(j, "mode", "observe");
	if (reply->fault != FAULT_OK)
		show_fault_json(j, reply->fault, reply->subject);
}

/* What a value of each type may hold, for people. */
static const char *const type_words[] = {
        [FIELD_CODE] = N_("letters, digits and . _ : - , are meant"),
        [FIELD_NUMBER] = N_("capital letters, digits and - are meant, at most 16"),
        [FIELD_LOGIN] = N_("a login name is meant"),
        [FIELD_TEXT] = N_("one line of text is meant, not too long"),
        [FIELD_TIME] = N_("a time is meant"),
        [FIELD_FLAG] = N_("nothing is meant"),
};

#define FIELD_TYPE(member, word, type, size) [REQUEST_##member] = (type),
static const enum FieldType field_types[] = {REQUEST_FIELDS(FIELD_TYPE)};

/* A value that cannot be meant is named by its field alone. */
static int value_say(const char *subject)
{
	for (size_t i = 0; i < ARRAY_SIZE(field_words); i++)
		if (str_eq(field_words[i], subject)) {
			say_error(_("the value given for \"%s\" cannot be used"), subject);
			say_hint("%s", _(type_words[field_types[i]]));
			return EXIT_USAGE;
		}
	return -ENOENT;
}

int client_say(const struct Context *c, const struct MsgReply *reply)
{
	struct Json j = {.out = stdout};
	int status;

	if (c->json) {
		json_object(&j, NULL);
		client_reply_json(&j, reply);
		if (*reply->number)
			json_text(&j, "number", reply->number);
		if (*reply->checkout)
			json_text(&j, "checkout", reply->checkout);
		if (reply->n != UINT64_MAX)
			json_number(&j, "record", reply->n);
		json_end_object(&j);
	}
	status = reply->fault == FAULT_BAD_REQUEST ? value_say(reply->subject) : -ENOENT;
	return status >= 0 ? status : say_fault(reply->fault, reply->subject, reply->contact);
}
