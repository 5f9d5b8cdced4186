/* SPDX-License-Identifier: Apache-2.0 */
/* The gate between a real socket and a scripted core; rounds of its own loop, no threads. */
#include "fault.h"
#include "gate.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cmocka.h>

struct Bench {
	struct Gate *gate;
	int core, gate_end, listener;
	struct sockaddr_un address;
	socklen_t address_size;
};

static void turn(struct Bench *b)
{
	for (int i = 0; i < 20; i++)
		assert_return_code(dispatch_once(b->gate->dispatch, 0), 0);
}

static int setup(void **state)
{
	struct Bench *b = calloc(1, sizeof(*b));
	int pair[2];

	assert_non_null(b);
	assert_return_code(channel_pair(pair), 0);
	b->core = pair[0];
	b->gate_end = pair[1];
	b->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	b->address.sun_family = AF_UNIX;
	/* autobind: a name in the abstract space */
	assert_return_code(
	        bind(b->listener, (const struct sockaddr *)&b->address, sizeof(sa_family_t)), errno);
	b->address_size = sizeof(b->address);
	assert_return_code(getsockname(b->listener, (struct sockaddr *)&b->address, &b->address_size), errno);
	assert_return_code(listen(b->listener, 128), errno);
	assert_return_code(gate_new(b->gate_end, b->listener, &b->gate), 0);
	*state = b;
	return 0;
}

static int teardown(void **state)
{
	struct Bench *b = *state;

	gate_free(b->gate);
	fd_close(b->core);
	fd_close(b->gate_end);
	fd_close(b->listener);
	free(b);
	return 0;
}

static int person(struct Bench *b)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_return_code(fd, errno);
	assert_return_code(connect(fd, (const struct sockaddr *)&b->address, b->address_size), errno);
	turn(b);
	return fd;
}

static void ask_with(struct Bench *b, int fd, const char *text, const int *fds, size_t n_fds)
{
	union {
		char bytes[CMSG_SPACE(sizeof(int) * 8)];
		struct cmsghdr align;
	} control = {};
	char copy[LIMIT_REQUEST + 64];
	struct iovec iov = {copy, strlen(text)};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};

	memcpy(copy, text, strlen(text) + 1);
	if (n_fds) {
		struct cmsghdr *c;

		m.msg_control = &control;
		m.msg_controllen = CMSG_SPACE(sizeof(int) * n_fds);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * n_fds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * n_fds);
	}
	assert_int_equal(sendmsg(fd, &m, MSG_NOSIGNAL), (ssize_t)strlen(text));
	turn(b);
}

static void ask(struct Bench *b, int fd, const char *text)
{
	ask_with(b, fd, text, NULL, 0);
}

/* What core got; the caller ends it with message_done. */
static void core_gets(struct Bench *b, struct Message *m, size_t n_fds)
{
	assert_int_equal(channel_receive(b->core, m), 0);
	assert_int_equal(m->type, MSG_REQUEST);
	assert_int_equal(m->n_fds, n_fds);
}

static void core_gets_nothing(struct Bench *b)
{
	struct pollfd p = {.fd = b->core, .events = POLLIN};

	assert_int_equal(poll(&p, 1, 0), 0);
}

static void core_replies(struct Bench *b, uint32_t client, int fault)
{
	struct MsgReply reply = {.client = client, .fault = (uint16_t)fault, .n = 7, .subject = "USB-1"};

	assert_int_equal(channel_send(b->core, MSG_REPLY, &reply, NULL, 0), 0);
	turn(b);
}

static void person_gets_reply(int fd, int fault, const char *subject)
{
	struct Message m;

	assert_int_equal(channel_receive(fd, &m), 0);
	assert_int_equal(m.type, MSG_REPLY);
	assert_int_equal(m.body.REPLY.client, 0);
	assert_int_equal(m.body.REPLY.fault, fault);
	assert_string_equal(m.body.REPLY.subject, subject);
}

static void person_sees_the_end(int fd)
{
	struct Message m;

	assert_int_equal(channel_receive(fd, &m), CHANNEL_CLOSED);
}

static void test_a_request_reaches_core_with_the_socket_and_the_reply_comes_back(void **state)
{
	struct Bench *b = *state;
	int fd = person(b);
	struct Message m;
	struct MsgDevice device = {.port = "2-1"};

	ask(b, fd, "mediagate/1 devices\n");
	core_gets(b, &m, 1);
	assert_int_equal(m.body.REQUEST.request.verb, VERB_DEVICES);
	device.client = m.body.REQUEST.client;
	assert_int_not_equal(device.client, 0);
	assert_int_equal(channel_send(b->core, MSG_DEVICE, &device, NULL, 0), 0);
	core_replies(b, device.client, FAULT_OK);
	message_done(&m);
	assert_int_equal(channel_receive(fd, &m), 0);
	assert_int_equal(m.type, MSG_DEVICE);
	assert_int_equal(m.body.DEVICE.client, 0);
	assert_string_equal(m.body.DEVICE.port, "2-1");
	person_gets_reply(fd, FAULT_OK, "USB-1");
	person_sees_the_end(fd);
	assert_int_equal(b->gate->n_clients, 0);
	close(fd);
}

/* The gate knows none of them by name: what wire.h adds to the group goes through. */
static void test_every_row_that_core_has_for_people_reaches_them(void **state)
{
	static const struct {
		enum MessageType type;
		size_t n_fds;
	} rows[] = {
#define ROW(name, number, type, least, most) {MSG_##name, least},
	        WIRE_TABLE(ROW)
#undef ROW
	};
	struct Bench *b = *state;
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		static union MessageBody body;
		struct Message m;
		uint32_t client;
		int fd;

		if (rows[i].type <= MSG_REQUEST || rows[i].type >= MSG_LOAD_TERMINAL ||
		        rows[i].type == MSG_REPLY)
			continue;
		fd = person(b);
		ask(b, fd, "mediagate/1 status\n");
		core_gets(b, &m, 1);
		client = m.body.REQUEST.client;
		message_done(&m);
		memcpy(&body, &client, sizeof(client));
		assert_int_equal(channel_send(b->core, rows[i].type, &body, &fd, rows[i].n_fds), 0);
		core_replies(b, client, FAULT_OK);
		assert_int_equal(channel_receive(fd, &m), 0);
		assert_int_equal(m.type, rows[i].type);
		message_done(&m);
		person_gets_reply(fd, FAULT_OK, "USB-1");
		close(fd);
		n++;
	}
	assert_true(n >= 8);
}

static void test_the_end_is_seen_although_core_still_holds_the_socket(void **state)
{
	struct Bench *b = *state;
	int fd = person(b);
	struct Message m;

	ask(b, fd, "mediagate/1 status\n");
	core_gets(b, &m, 1);
	core_replies(b, m.body.REQUEST.client, FAULT_OK);
	person_gets_reply(fd, FAULT_OK, "USB-1");
	person_sees_the_end(fd);
	message_done(&m);
	close(fd);
}

static void test_a_channel_travels_with_the_verb_that_needs_it(void **state)
{
	struct Bench *b = *state;
	int fd = person(b), pair[2];
	struct Message m;
	char byte = 'x';

	assert_return_code(channel_pair(pair), 0);
	ask_with(b, fd, "mediagate/1 ls\nnumber=A-1\n", &pair[1], 1);
	close(pair[1]);
	core_gets(b, &m, 2);
	assert_int_equal(write(pair[0], &byte, 1), 1);
	byte = 0;
	assert_int_equal(read(m.fds[1], &byte, 1), 1);
	assert_int_equal(byte, 'x');
	message_done(&m);
	/* gate kept no copy */
	assert_int_equal(read(pair[0], &byte, 1), 0);
	close(pair[0]);
	close(fd);
}

static void test_a_bad_request_is_answered_and_core_hears_nothing(void **state)
{
	struct Bench *b = *state;
	char text[LIMIT_REQUEST + 32];
	int fd = person(b);

	ask(b, fd, "mediagate/1 return\nnumber=lower\n");
	person_gets_reply(fd, FAULT_BAD_REQUEST, "number");
	person_sees_the_end(fd);
	close(fd);

	fd = person(b);
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	ask(b, fd, text);
	person_gets_reply(fd, FAULT_BAD_REQUEST, "too long");
	person_sees_the_end(fd);
	close(fd);
	core_gets_nothing(b);
	assert_int_equal(b->gate->n_clients, 0);
}

static void test_a_listening_socket_is_no_channel(void **state)
{
	struct Bench *b = *state;
	int fd = person(b);

	ask_with(b, fd, "mediagate/1 ls\nnumber=A-1\n", &b->listener, 1);
	person_gets_reply(fd, FAULT_BAD_REQUEST, "channel");
	core_gets_nothing(b);
	close(fd);
	assert_int_equal(b->gate->n_banned, 0);
}

static void test_a_file_as_a_channel_bans_its_sender(void **state)
{
	struct Bench *b = *state;
	int fd = person(b), file = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ask_with(b, fd, "mediagate/1 ls\nnumber=A-1\n", &file, 1);
	person_gets_reply(fd, FAULT_BAD_REQUEST, "channel");
	close(fd);
	close(file);
	core_gets_nothing(b);
	assert_int_equal(b->gate->n_banned, 1);
	fd = person(b);
	person_sees_the_end(fd);
	close(fd);
}

static void test_more_channels_than_one_are_refused(void **state)
{
	struct Bench *b = *state;
	int fd = person(b), pair[2];

	assert_return_code(channel_pair(pair), 0);
	ask_with(b, fd, "mediagate/1 ls\nnumber=A-1\n", pair, 2);
	person_gets_reply(fd, FAULT_BAD_REQUEST, "one channel too many");
	core_gets_nothing(b);
	close(pair[0]);
	close(pair[1]);
	close(fd);
}

static void test_a_second_request_ends_the_connection(void **state)
{
	struct Bench *b = *state;
	int fd = person(b);
	struct Message m;

	ask(b, fd, "mediagate/1 status\n");
	core_gets(b, &m, 1);
	message_done(&m);
	ask(b, fd, "mediagate/1 status\n");
	person_sees_the_end(fd);
	core_gets_nothing(b);
	assert_int_equal(b->gate->n_clients, 0);
	close(fd);
}

static void test_an_answer_for_somebody_gone_is_harmless(void **state)
{
	struct Bench *b = *state;
	int fd = person(b), other;
	struct Message m;

	ask(b, fd, "mediagate/1 status\n");
	core_gets(b, &m, 1);
	close(fd);
	turn(b);
	assert_int_equal(b->gate->n_clients, 0);
	core_replies(b, m.body.REQUEST.client, FAULT_OK);
	message_done(&m);
	other = person(b);
	ask(b, other, "mediagate/1 status\n");
	core_gets(b, &m, 1);
	core_replies(b, m.body.REQUEST.client, FAULT_BUSY);
	person_gets_reply(other, FAULT_BUSY, "USB-1");
	message_done(&m);
	close(other);
}

static void test_one_user_has_a_share_of_the_connections(void **state)
{
	struct Bench *b = *state;
	int fds[LIMIT_CLIENTS_UID], fd;

	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		fds[i] = person(b);
	fd = person(b);
	person_gets_reply(fd, FAULT_TOO_MANY, "requests");
	person_sees_the_end(fd);
	close(fd);
	close(fds[0]);
	turn(b);
	fd = person(b);
	ask(b, fd, "mediagate/1 return\nnumber=x\n");
	person_gets_reply(fd, FAULT_BAD_REQUEST, "number");
	close(fd);
	for (size_t i = 1; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void test_somebody_who_does_not_read_does_not_hold_up_others(void **state)
{
	struct Bench *b = *state;
	int slow = person(b), quick = person(b);
	struct Message m;
	uint32_t slow_id, quick_id;
	struct MsgMedium row = {};

	ask(b, slow, "mediagate/1 status\n");
	core_gets(b, &m, 1);
	slow_id = m.body.REQUEST.client;
	message_done(&m);
	ask(b, quick, "mediagate/1 status\n");
	core_gets(b, &m, 1);
	quick_id = m.body.REQUEST.client;
	message_done(&m);
	row.client = slow_id;
	for (int i = 0; i < LIMIT_MEDIA; i++) {
		assert_int_equal(channel_send(b->core, MSG_MEDIUM, &row, NULL, 0), 0);
		if (i % 50 == 0)
			turn(b);
	}
	turn(b);
	assert_int_equal(b->gate->n_clients, 2); /* a whole register fits */
	core_replies(b, quick_id, FAULT_OK);
	person_gets_reply(quick, FAULT_OK, "USB-1");
	for (int i = 0; i < LIMIT_MEDIA && b->gate->n_clients; i++) {
		assert_int_equal(channel_send(b->core, MSG_MEDIUM, &row, NULL, 0), 0);
		turn(b);
	}
	assert_int_equal(b->gate->n_clients, 0); /* more does not */
	assert_int_equal(b->gate->queued, 0);
	close(slow);
	close(quick);
}

static void test_all_rows_reach_somebody_who_reads_late_in_order(void **state)
{
	struct Bench *b = *state;
	int fd = person(b), got = 0;
	struct Message m;
	struct MsgDevice row = {};

	ask(b, fd, "mediagate/1 devices\n");
	core_gets(b, &m, 1);
	row.client = m.body.REQUEST.client;
	message_done(&m);
	for (int i = 0; i < 1000; i++) {
		row.size = (uint64_t)i;
		assert_int_equal(channel_send(b->core, MSG_DEVICE, &row, NULL, 0), 0);
		if (i % 50 == 0)
			turn(b);
	}
	core_replies(b, row.client, FAULT_OK);
	for (;;) {
		int r = channel_receive(fd, &m);

		if (r == CHANNEL_AGAIN) {
			turn(b);
			continue;
		}
		assert_int_equal(r, 0);
		if (m.type == MSG_REPLY)
			break;
		assert_int_equal(m.body.DEVICE.size, got++);
	}
	assert_int_equal(got, 1000);
	person_sees_the_end(fd);
	close(fd);
}

static void test_files_of_a_reply_are_handed_on_and_not_kept(void **state)
{
	struct Bench *b = *state;
	int fd = person(b), pipes[2];
	struct Message m;
	struct MsgReplyFiles files = {};
	char byte;

	ask(b, fd, "mediagate/1 records\n");
	core_gets(b, &m, 1);
	files.client = m.body.REQUEST.client;
	message_done(&m);
	assert_return_code(pipe2(pipes, O_CLOEXEC), errno);
	assert_int_equal(channel_send(b->core, MSG_REPLY_FILES, &files, &pipes[1], 1), 0);
	close(pipes[1]);
	core_replies(b, files.client, FAULT_OK);
	assert_int_equal(channel_receive(fd, &m), 0);
	assert_int_equal(m.n_fds, 1);
	message_done(&m);
	assert_int_equal(read(pipes[0], &byte, 1), 0); /* nobody holds the other end */
	close(pipes[0]);
	close(fd);
}

static void test_requests_wait_while_core_does_not_read(void **state)
{
	struct Bench *b = *state;
	int fds[LIMIT_CLIENTS_UID], size = 1;
	struct Message m;

	assert_return_code(setsockopt(b->gate_end, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size)), errno);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		fds[i] = person(b);
		ask(b, fds[i], "mediagate/1 status\n");
	}
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++) {
		core_gets(b, &m, 1);
		message_done(&m);
		turn(b);
	}
	core_gets_nothing(b);
	for (size_t i = 0; i < ARRAY_SIZE(fds); i++)
		close(fds[i]);
}

static void test_a_message_that_is_no_answer_ends_the_gate(void **state)
{
	struct Bench *b = *state;
	struct MsgProceed proceed = {};

	assert_int_equal(channel_send(b->core, MSG_PROCEED, &proceed, NULL, 0), 0);
	assert_int_equal(dispatch_once(b->gate->dispatch, 0), -EPROTO);
}

static void test_the_end_of_core_ends_the_gate(void **state)
{
	struct Bench *b = *state;

	b->core = fd_close(b->core);
	assert_int_equal(gate_run(b->gate), -EPIPE);
}

static void test_silence_is_waited_for_five_seconds_only(void **state)
{
	struct Bench *b = *state;
	int fd = person(b);

	assert_int_equal(b->gate->n_clients, 1);
	for (int i = 0; i < 20 && b->gate->n_clients; i++)
		assert_return_code(dispatch_once(b->gate->dispatch, 1000), 0);
	assert_int_equal(b->gate->n_clients, 0);
	person_sees_the_end(fd);
	close(fd);
}

int main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
	        CASE(test_a_request_reaches_core_with_the_socket_and_the_reply_comes_back),
	        CASE(test_every_row_that_core_has_for_people_reaches_them),
	        CASE(test_the_end_is_seen_although_core_still_holds_the_socket),
	        CASE(test_a_channel_travels_with_the_verb_that_needs_it),
	        CASE(test_a_bad_request_is_answered_and_core_hears_nothing),
	        CASE(test_a_listening_socket_is_no_channel),
	        CASE(test_a_file_as_a_channel_bans_its_sender),
	        CASE(test_more_channels_than_one_are_refused),
	        CASE(test_a_second_request_ends_the_connection),
	        CASE(test_an_answer_for_somebody_gone_is_harmless),
	        CASE(test_one_user_has_a_share_of_the_connections),
	        CASE(test_somebody_who_does_not_read_does_not_hold_up_others),
	        CASE(test_all_rows_reach_somebody_who_reads_late_in_order),
	        CASE(test_files_of_a_reply_are_handed_on_and_not_kept),
	        CASE(test_requests_wait_while_core_does_not_read),
	        CASE(test_a_message_that_is_no_answer_ends_the_gate),
	        CASE(test_the_end_of_core_ends_the_gate),
	        CASE(test_silence_is_waited_for_five_seconds_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
