/* SPDX-License-Identifier: Apache-2.0 */
/* copy NUMBER FILE…: an encrypted copy on a medium; alone it asks step by step (copy_steps.c). */
#include "copy_steps.h"
#include "job_client.h"
#include "opener.h"
#include "prompt.h"
#include "say.h"
#include "secret_input.h"
#include "show.h"
#include "str.h"
#include "verb.h"

static const struct Option copy_options[] = {
        {OPTION(struct CopyChoice, recipient, "recipient", OPTION_TEXT), N_("R"),
                N_("encrypt for R of recipients.conf, or for the certificate in the file R")},
        {OPTION(struct CopyChoice, password_file, "password-file", OPTION_TEXT), N_("FILE"),
                N_("the password is the first line of FILE; without it one is made and shown once")},
        OPTIONS_END,
};

struct CopyRun {
	struct Opener opener;
	struct MsgSecret secret;
	int certificate; /* a pipe with its bytes */
	bool secret_said;
	uint64_t orders; /* the opener is at work on */
	char password[SECRET_PASSWORD];
	char *subject; /* of a fault of ours */
};

static void copy_done(struct CopyRun *r)
{
	opener_done(&r->opener);
	r->certificate = fd_close(r->certificate);
	explicit_bzero(&r->secret, sizeof(r->secret));
	explicit_bzero(r->password, sizeof(r->password));
	free(r->subject);
}

/* ------------------------------------------------------------------ the session */

static int copy_message(void *owner, struct JobClient *c, struct Message *m)
{
	struct CopyRun *r = owner;
	const struct MsgWant *want = &m->body.WANT;

	switch (m->type) {
	case MSG_WANT:
		r->orders++;
		opener_send(&r->opener, want->index, want->n);
		return 0;
	case MSG_PROGRESS:
		job_client_progress(c, &m->body.PROGRESS);
		return 0;
	case MSG_PASSWORD:
		STR_CUT(r->password, m->body.PASSWORD.password);
		explicit_bzero(&m->body, sizeof(m->body.PASSWORD));
		return 0;
	default:
		return 0;
	}
}

static int copy_watch(void *owner, int64_t *ret_until)
{
	const struct CopyRun *r = owner;

	*ret_until = r->orders ? opener_deadline(&r->opener) : INT64_MAX;
	return r->orders ? r->opener.talk : -1;
}

/* The job hears which file it is, so that it stands in the record too. */
static void stalled_say(struct CopyRun *r, struct JobClient *c)
{
	struct MsgEntry entry = {.index = atomic_load(&r->opener.shared->index), .fault = FAULT_FILE_STALLED};

	STR_CUT(entry.name, r->opener.shared->name);
	opener_done(&r->opener);
	r->orders = 0;
	job_client_say(c, MSG_ENTRY, &entry, NULL, 0);
}

static int copy_ready(void *owner, struct JobClient *c)
{
	struct CopyRun *r = owner;
	struct pollfd p = {.fd = r->opener.talk, .events = POLLIN};
	bool end;
	int fault;

	if (poll(&p, 1, 0) == 0) {
		if (opener_hangs(&r->opener))
			stalled_say(r, c);
		return 0;
	}
	fault = opener_sent(&r->opener, &end);
	r->orders--;
	if (fault) {
		r->subject = strdup("opener");
		return fault;
	}
	if (end && !r->secret_said) {
		/* the job has all entries of the first pass, not merely asked for them: how it is to be encrypted */
		r->secret_said = true;
		job_client_say(c, MSG_SECRET, &r->secret, &r->certificate, r->certificate >= 0 ? 1 : 0);
		r->certificate = fd_close(r->certificate);
		explicit_bzero(r->secret.password, sizeof(r->secret.password));
	}
	return 0;
}

/* ------------------------------------------------------------------ before it */

static int secret_prepare(struct CopyRun *r, const struct CopyChoice *choice)
{
	struct RecipientChoice to;
	int fault;

	if (choice->password_file) {
		fault = password_from_file(choice->password_file, r->secret.password);
		if (fault)
			r->subject = strdup(choice->password_file);
		return fault;
	}
	if (choice->password) {
		STR_CUT(r->secret.password, choice->password);
		return 0;
	}
	if (!choice->recipient)
		return 0;
	fault = recipient_find(choice->recipient, &to, &r->subject);
	if (fault) {
		if (!r->subject)
			r->subject = strdup(choice->recipient);
		return fault;
	}
	STR_CUT(r->secret.recipient, to.code);
	r->secret.has_certificate = 1;
	r->certificate = pem_pipe(to.path);
	if (r->certificate < 0)
		r->subject = strdup(to.path);
	return r->certificate < 0 ? -r->certificate : 0;
}

/* Says a fault that came before the agent was asked. */
static int early_say(const struct Context *c, int fault, const char *subject)
{
	struct MsgReply reply = {.fault = (uint16_t)fault, .n = UINT64_MAX};

	STR_CUT(reply.subject, subject ? subject : "");
	return client_say(c, &reply);
}

/* ------------------------------------------------------------------ after it */

static void copy_json(const struct CopyRun *r, const struct MsgReply *reply, const char *number)
{
	struct Json j = {.out = stdout};

	json_object(&j, NULL);
	client_reply_json(&j, reply);
	if (reply->fault == FAULT_OK) {
		json_text(&j, "number", number);
		json_text(&j, "copy", reply->copy);
		json_number(&j, "files", reply->files);
		json_number(&j, "bytes", reply->bytes);
		json_number(&j, "parts", reply->parts);
		if (*r->password)
			json_text(&j, "password", r->password);
		if (reply->n != UINT64_MAX)
			json_number(&j, "record", reply->n);
	}
	json_end_object(&j);
}

static void copy_people(
        const struct CopyRun *r, const struct CopyChoice *choice, const struct MsgReply *reply)
{
	_cleanup_free_ char *size = show_bytes(reply->bytes), *number = say_escape(choice->number);

	printf(_("copy %s is on %s: "), reply->copy, number);
	printf(ngettext("%ju file", "%ju files", reply->files), (uintmax_t)reply->files);
	printf(", %s, ", size);
	printf(ngettext("%ju part", "%ju parts", reply->parts), (uintmax_t)reply->parts);
	printf("\n");
	if (choice->recipient) {
		_cleanup_free_ char *to = say_escape(choice->recipient);

		printf(_("only the key of %s opens it"), to);
		printf("\n");
	} else if (!choice->password_file && !choice->password) {
		printf("\n%s %s\n\n", _("password:"), r->password);
		printf("%s\n", _("It is shown this once. Give it to the recipient by telephone or on paper,\n"
		                 "never together with the medium."));
	}
	printf("%s\n", _("OPEN.txt in the copy's folder tells the recipient how to open it."));
}

static int copy_session(
        const struct Context *c, const struct CopyChoice *choice, struct CopyRun *r, struct JobClient *client)
{
	const struct JobVerb verb = {
	        .owner = r, .message = copy_message, .watch = copy_watch, .ready = copy_ready};
	struct Ask ask;
	int fault = opener_walked(&r->opener, client->signals, &r->subject);

	if (!fault)
		fault = secret_prepare(r, choice);
	if (fault)
		return early_say(c, fault, r->subject);
	if (!r->opener.files)
		return say_usage("%s", _("there is no file in what was named"));
	ask_start(&ask, VERB_COPY);
	ask_text(&ask, REQUEST_number, choice->number);
	if (*r->secret.recipient)
		ask_text(&ask, REQUEST_recipient, r->secret.recipient);
	fault = job_client_run(client, &ask, &verb);
	job_client_progress_end(client);
	if (c->json) {
		copy_json(r, &client->reply, choice->number);
		return say_fault(fault, client->reply.subject, client->reply.contact);
	}
	if (fault == FAULT_OK)
		copy_people(r, choice, &client->reply);
	return client_say(c, &client->reply);
}

static int copy_run(const struct Context *c, const void *args, int n, char **words)
{
	_cleanup_job_client_ struct JobClient client = JOB_CLIENT_NULL;
	_cleanup_(copy_done) struct CopyRun r = {.opener = OPENER_NULL, .certificate = -1};
	_cleanup_(copy_choice_done) struct CopyChoice choice = *(const struct CopyChoice *)args;
	int fault, status;

	if (choice.recipient && choice.password_file)
		return say_usage("%s", _("--recipient and --password-file exclude each other"));
	if (n == 1) {
		say_error(_("%s needs: %s"), verb_copy.name, _("NUMBER FILE…"));
		say_hint(_("see: mediagate %s --help"), verb_copy.name);
		return EXIT_USAGE;
	}
	fault = job_client_open(&client, c);
	if (fault)
		return say_fault(fault, strerror(errno), NULL);
	if (n) {
		choice.number = words[0];
		choice.words = (struct OpenerWords){words + 1, n - 1};
	} else {
		status = copy_steps(c, client.signals, &choice);
		if (status)
			return status;
	}
	fault = opener_start(&r.opener, client.channel, &choice.words);
	return fault ? say_fault(fault, strerror(errno), NULL) : copy_session(c, &choice, &r, &client);
}

const struct Command verb_copy = {
        .name = "copy",
        .arguments = N_("[NUMBER FILE…]"),
        .summary = N_("an encrypted copy of files on a medium that is checked out to you"),
        .help = N_("Folders are taken with all that is in them. Alone, it asks step by step."),
        .options = copy_options,
        .args_size = sizeof(struct CopyChoice),
        .least = 0,
        .most = INT32_MAX,
        .run = copy_run,
};
