/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A small agent for tests of the command: copy_agent SOCKET FOLDER (or --vkey: the key it signs with). Real
 * jobs, with FOLDER/medium as the medium USB-0007 of whoever asks; core, ledger and gate are a script. What
 * core would put on record goes to FOLDER/record, one line each. FOLDER/settings may hold `own_password` or
 * `recipient_files`: what the policy forbids; or `own_password_length`: it is 24 then.
 */
#include "copy_rig.h"
#include "str.h"

#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static int listen_on(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	STR_CUT(address.sun_path, path);
	must(fd >= 0 && !bind(fd, (const struct sockaddr *)&address, sizeof(address)) && !listen(fd, 8),
	        path);
	printf("listening\n");
	fflush(stdout);
	return fd;
}

/* One packet of text, and perhaps one descriptor. */
static ssize_t request_receive(int fd, char *text, size_t size, int *ret)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control;
	struct iovec iov = {text, size - 1};
	struct msghdr m = {
	        .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)};
	ssize_t n = recvmsg(fd, &m, MSG_CMSG_CLOEXEC);
	struct cmsghdr *c = n >= 0 ? CMSG_FIRSTHDR(&m) : NULL;

	*ret = -1;
	if (c && c->cmsg_type == SCM_RIGHTS)
		memcpy(ret, CMSG_DATA(c), sizeof(*ret));
	if (n >= 0)
		text[n] = '\0';
	return n;
}

static void field(const char *text, const char *word, char *ret, size_t size)
{
	char key[64];
	const char *at;

	snprintf(key, sizeof(key), "\n%s=", word);
	at = strstr(text, key);
	ret[0] = '\0';
	if (at) {
		at += strlen(key);
		must(!str_set_n(ret, size, at, strcspn(at, "\n")), word);
	}
}

static void answer_status(const struct Rig *r, int fd)
{
	struct MsgStatus status = {.settings = r->order.settings};
	struct MsgMedium medium = {.present = 1, .checked_out = 1};
	struct MsgReply reply = {.n = UINT64_MAX};
	const struct passwd *me = getpwuid(getuid());

	STR_CUT(status.login, me ? me->pw_name : "root");
	STR_CUT(medium.medium.number, "USB-0007");
	STR_CUT(medium.checkout.clerk, status.login);
	STR_CUT(medium.checkout.destination, "Kasumi tax office");
	medium.checkout.until = 1795680000000;
	must(!channel_send(fd, MSG_STATUS, &status, NULL, 0) &&
	                !channel_send(fd, MSG_MEDIUM, &medium, NULL, 0) &&
	                !channel_send(fd, MSG_REPLY, &reply, NULL, 0),
	        "status");
}

static void record(struct Rig *r)
{
	char path[128];
	FILE *out;

	snprintf(path, sizeof(path), "%s/record", r->folder);
	out = fopen(path, "ae");
	must(out, path);
	for (size_t i = 0; i < r->n_out_files; i++)
		fprintf(out, "file %s\n", r->out_files[i].name);
	fprintf(out, "%s %s\n", r->done.fault ? "failed" : "done", fault_row(r->done.fault)->code);
	fclose(out);
}

static void settings(struct Rig *r)
{
	char path[128], word[64] = "";
	FILE *in;

	r->order.settings =
	        (struct SettingsRow){.own_password = 1, .own_password_length = 20, .recipient_files = 1};
	snprintf(path, sizeof(path), "%s/settings", r->folder);
	in = fopen(path, "re");
	if (!in)
		return;
	must(fscanf(in, "%63s", word) == 1, path);
	fclose(in);
	if (str_eq(word, "own_password"))
		r->order.settings.own_password = 0;
	if (str_eq(word, "own_password_length"))
		r->order.settings.own_password_length = 24;
	if (str_eq(word, "recipient_files"))
		r->order.settings.recipient_files = 0;
}

static void serve(struct Rig *r, int fd, unsigned int n)
{
	static const char *const verbs[] = {"copy", "ls", "get"};
	struct MsgReply reply = {.n = UINT64_MAX};
	char text[LIMIT_REQUEST], verb[32];
	int person;

	if (request_receive(fd, text, sizeof(text), &person) <= 0)
		return;
	must(sscanf(text, "mediagate/1 %31s", verb) == 1, "request");
	settings(r);
	if (str_eq(verb, "status")) {
		answer_status(r, fd);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++)
		if (str_eq(verbs[i], verb))
			r->order.kind = (uint8_t[]){JOB_COPY, JOB_LIST, JOB_GET}[i];
	field(text, "name", r->order.name, sizeof(r->order.name));
	snprintf(r->order.copy, sizeof(r->order.copy), "TEST%u", n);
	rig_serve(r, person);
	record(r);
	reply.fault = r->done.fault;
	reply.n = r->done.fault ? UINT64_MAX : n;
	STR_CUT(reply.subject, r->done.subject);
	STR_CUT(reply.copy, r->order.copy);
	reply.files = r->done.files;
	reply.bytes = r->done.bytes;
	reply.parts = r->done.parts;
	if (channel_send(fd, MSG_REPLY, &reply, NULL, 0))
		return; /* the command may be gone */
}

int main(int argc, char **argv)
{
	static struct Rig r; /* too large for a stack of ours */
	int fd;

	if (argc == 2 && str_eq(argv[1], "--vkey")) {
		char vkey[LIMIT_VKEY];

		rig_vkey(vkey);
		return printf("%s", vkey) < 0;
	}
	must(argc == 3, "copy_agent SOCKET FOLDER");
	rig_start(&r, JOB_COPY);
	rig_done(&r);
	STR_CUT(r.folder, argv[2]);
	fd = listen_on(argv[1]);
	for (unsigned int n = 1;; n++) {
		_cleanup_fd_ int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0)
			serve(&r, client, n);
	}
}
