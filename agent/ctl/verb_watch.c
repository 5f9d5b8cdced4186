/* SPDX-License-Identifier: Apache-2.0 */
/*
 * watch: what happens, as it happens: for people a line and the reason below it, for programs a line of JSON,
 * with --notify a notice on the desktop for what needs somebody.
 */
#include "client.h"
#include "notifier.h"
#include "record_detail.h"
#include "say.h"
#include "show.h"
#include "str.h"
#include "verb.h"

#include <poll.h>

#define RETRY	   5000 /* milliseconds */
#define WATCH_DONE 1000 /* no exit status: as many events as were asked for */

struct Args {
	bool notify;
	const char *count;
	const char *program; /* for tests */
};

struct Watcher {
	const struct Context *context;
	struct Notifier notifier;
	bool notify;
	uint64_t after;	 /* what was heard last */
	uint64_t left;	 /* events until the end; UINT64_MAX: none */
	int fault;	 /* said last */
	bool heard;	 /* the agent has answered before */
	struct MsgEvent events[LIMIT_EVENTS];
	size_t n;
};

static const char *event_subject(const struct MsgEvent *e)
{
	return e->medium[0] ? e->medium : e->device;
}

static const char *event_word(const struct MsgEvent *e)
{
	return e->kind < _RECORD_KIND_N ? record_kind_people((enum RecordKind)e->kind) : "?";
}

/* What somebody has to know of, or do something about. */
static bool is_notice(const struct MsgEvent *e)
{
	return e->result == RESULT_REFUSED || e->result == RESULT_FAILED || e->kind == RECORD_OVERDUE ||
	       e->kind == RECORD_TAMPER;
}

/* ------------------------------------------------------------------ how it looks */

static void event_people(const struct MsgEvent *e, const char *contact)
{
	const struct Reason reason = {e->reason, event_subject(e), contact};
	_cleanup_free_ char *time = show_time(e->time, true);
	_cleanup_free_ char *subject = say_escape(event_subject(e));
	_cleanup_free_ char *actor = say_escape(e->actor);

	printf("%s  %s%s%s", time, _(event_word(e)), *subject ? ": " : "", subject);
	if (*actor)
		printf(" (%s)", actor);
	printf("\n");
	if (e->observed)
		printf("    %s\n", _("OBSERVE MODE: not enforced"));
	if (e->reason != FAULT_OK)
		say_reason(stdout, "    ", &reason);
}

static void text_or_null(struct Json *j, const char *key, const char *text)
{
	if (text && *text)
		json_text(j, key, text);
	else
		json_null(j, key);
}

static void event_json(const struct MsgEvent *e, const char *contact)
{
	struct Json j = {.out = stdout};
	_cleanup_free_ char *hint = say_advice(e->reason, contact);

	json_object(&j, NULL);
	json_number(&j, "number", e->number);
	json_time(&j, "time", e->time);
	json_text(&j, "kind", e->kind < _RECORD_KIND_N ? record_kind_word((enum RecordKind)e->kind) : "?");
	json_text(&j, "result", e->result < _RESULT_N ? record_result_word((enum RecordResult)e->result) : "?");
	text_or_null(&j, "medium", e->medium);
	text_or_null(&j, "device", e->device);
	text_or_null(&j, "actor", e->actor);
	if (e->observed)
		json_flag(&j, "observed", true);
	if (e->reason == FAULT_OK)
		json_null(&j, "fault");
	else
		show_fault_json(&j, e->reason, event_subject(e));
	text_or_null(&j, "hint", e->reason == FAULT_OK ? NULL : hint);
	json_end_object(&j);
}

/* What was refused and why; below, whom to ask and for what. */
static int event_notice(struct Watcher *w, const struct MsgEvent *e, const char *contact)
{
	_cleanup_free_ char *summary = NULL, *hint = e->reason ? say_advice(e->reason, contact) : NULL;
	_cleanup_free_ char *subject = say_escape(event_subject(e)), *what = NULL;
	int r;

	if (asprintf(&what, "%s%s%s", _(event_word(e)), *subject ? ": " : "", subject) < 0)
		abort();
	if (e->reason)
		summary = say_sentence(e->reason, event_subject(e));
	r = notifier_show(&w->notifier, summary ? summary : what,
	        e->observed ? _("OBSERVE MODE: not enforced") : hint ? hint : "");
	return r == -EPIPE ? r : 0;
}

/* 0, WATCH_DONE, or -EPIPE. */
static int event_tell(struct Watcher *w, const struct MsgEvent *e, const char *contact)
{
	int r = 0;

	if (w->context->json)
		event_json(e, contact);
	else
		event_people(e, contact);
	fflush(stdout);
	if (w->notify && is_notice(e))
		r = event_notice(w, e, contact);
	if (r < 0)
		return r;
	if (w->left != UINT64_MAX)
		w->left--;
	return w->left == 0 ? WATCH_DONE : 0;
}

/* ------------------------------------------------------------------ asking */

/* Rows until the reply; ends early when the notices' program is gone. */
static int answer_await(struct Watcher *w, int fd, struct MsgReply *reply)
{
	struct pollfd p[] = {{.fd = fd, .events = POLLIN}, {.fd = w->notifier.fd}};

	for (;;) {
		struct Message m;
		int r;

		if (poll(p, ARRAY_SIZE(p), -1) < 0 && errno != EINTR)
			return -errno;
		if (p[1].revents)
			return -EPIPE;
		if (!p[0].revents)
			continue;
		r = client_receive(fd, &m);
		if (r)
			return r;
		if (m.type == MSG_EVENT && w->n < LIMIT_EVENTS)
			w->events[w->n++] = m.body.EVENT;
		if (m.type == MSG_REPLY) {
			*reply = m.body.REPLY;
			message_done(&m);
			return reply->fault;
		}
		message_done(&m);
	}
}

/* One question: FAULT_*, -EPIPE, -errno. The contact for what was heard is in *reply. */
static int watch_ask(struct Watcher *w, struct MsgReply *reply)
{
	_cleanup_fd_ int fd = -1;
	struct Ask a;
	int r;

	w->n = 0;
	*reply = (struct MsgReply){};
	ask_start(&a, VERB_WATCH);
	if (w->after)
		ask_time(&a, REQUEST_after, (int64_t)w->after);
	r = client_send(w->context, &a, -1, &fd);
	return r ? r : answer_await(w, fd, reply);
}

static int watch_tell(struct Watcher *w, const struct MsgReply *reply)
{
	int r = 0;

	if (w->after && reply->next > w->after && reply->next - w->after > LIMIT_EVENTS)
		say_warning("%s", _("more happened at once than is kept; see: mediagate history"));
	for (size_t i = 0; i < w->n && !r; i++)
		r = event_tell(w, &w->events[i], reply->contact);
	w->after = reply->next;
	return r;
}

/* An agent that is being started anew is waited for; what is refused stays refused. */
static bool is_passing(const struct Watcher *w, int fault)
{
	return fault > 0 && fault_row(fault)->status == EXIT_AGENT && (w->heard || w->notify);
}

static int watch_loop(struct Watcher *w)
{
	struct pollfd notifier = {.fd = w->notifier.fd};

	for (;;) {
		struct MsgReply reply;
		int r = watch_ask(w, &reply);

		if (!r) {
			w->fault = FAULT_OK;
			if (!w->heard)
				client_mode_say(&reply);
			w->heard = true;
			r = watch_tell(w, &reply);
			if (r)
				return r;
			continue;
		}
		if (r < 0)
			return r;
		if (r != w->fault)
			(void)say_fault(r, reply.subject, reply.contact);
		w->fault = r;
		if (!is_passing(w, r))
			return fault_row(r)->status;
		if (poll(&notifier, 1, RETRY) > 0)
			return -EPIPE;
	}
}

static int count_parse(const char *text, uint64_t *ret)
{
	char *end;

	*ret = UINT64_MAX;
	if (!text)
		return 0;
	errno = 0;
	*ret = strtoull(text, &end, 10);
	return *text < '0' || *text > '9' || errno || *end || !*ret ? -EINVAL : 0;
}

static int watch_run(const struct Context *c, const void *args, int n _unused_, char **words _unused_)
{
	const struct Args *a = args;
	_cleanup_free_ struct Watcher *w = calloc(1, sizeof(*w));
	int r;

	if (!w)
		return say_fault(FAULT_INTERNAL, "memory", NULL);
	w->context = c;
	w->notify = a->notify;
	w->notifier.fd = -1;
	if (count_parse(a->count, &w->left) < 0)
		return say_usage(_("--count: a number is meant, not %s"), a->count);
	if (a->notify && notifier_start(&w->notifier, a->program ? a->program : LIBEXECDIR "/notify") < 0)
		return say_fault(FAULT_INTERNAL, "notify", NULL);
	r = watch_loop(w);
	if (notifier_end(&w->notifier) || r == -EPIPE) {
		say_error("%s", _("notices cannot be shown in this session"));
		say_hint("%s", _("start it in a graphical session; without --notify it works everywhere"));
		return EXIT_STATE;
	}
	if (r < 0)
		return say_fault(FAULT_INTERNAL, strerror(-r), NULL);
	return r == WATCH_DONE ? EXIT_OK : r;
}

static const struct Option options[] = {
        {OPTION(struct Args, notify, "notify", OPTION_FLAG), NULL, N_("show what is refused as notices on the desktop, too")},
        {OPTION(struct Args, count, "count", OPTION_TEXT), N_("N"), N_("end after N events")},
        {OPTION(struct Args, program, "notify-program", OPTION_TEXT), "PATH", NULL},
        OPTIONS_END,
};

const struct Command verb_watch = {
        .name = "watch",
        .arguments = "",
        .summary = N_("what happens with media, as it happens"),
        .help = N_("Each event is a line; with --json a JSON object on a line of its own. A clerk sees what\n"
                   "concerns them and what is nobody's. An agent that is started anew is waited for."),
        .options = options,
        .args_size = sizeof(struct Args),
        .run = watch_run,
};
