/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A scripted agent: agent SOCKET SCENARIO ASKED. Listens on SOCKET, writes the one request it gets to the
 * file ASKED, answers with the scenario's rows, ends. Prints a line when it listens.
 */
#include "channel.h"
#include "fault.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>

#define T0 INT64_C(1795680000000) /* 2026-11-26T08:00:00Z */

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

static void row(int fd, enum MessageType type, const void *body)
{
	must(channel_send(fd, type, body, NULL, 0) == 0, "send");
}

static void reply(int fd, const struct MsgReply *r)
{
	row(fd, MSG_REPLY, r);
}

static void reply_fault(int fd, int fault, const char *subject)
{
	struct MsgReply r = {.fault = (uint16_t)fault, .n = UINT64_MAX};

	STR_CUT(r.subject, subject);
	STR_CUT(r.contact, "山田 花子 (supervisor1)");
	reply(fd, &r);
}

static const struct MsgDevice device_open = {.port = "2-1",
        .vendor = 0x0951,
        .product = 0x1666,
        .serial = "60A44C4138AB",
        .number = "USB-0007",
        .disk = "sda",
        .size = 15518924800,
        .open = 1};
static const struct MsgDevice device_unknown = {.port = "2-2.4",
        .vendor = 0x1234,
        .product = 0xabcd,
        .serial = "\\x1b[31mEVIL",
        .reason = FAULT_NOT_REGISTERED};
static const struct MsgDevice device_bare = {
        .port = "2-3", .vendor = 0x1234, .product = 1, .reason = FAULT_NO_SERIAL};

static void devices(int fd)
{
	row(fd, MSG_DEVICE, &device_open);
	row(fd, MSG_DEVICE, &device_unknown);
	row(fd, MSG_DEVICE, &device_bare);
}

static void medium(int fd, const char *number, int state)
{
	struct MsgMedium m = {.medium = {.supervisor = "supervisor1", .size = 15518924800},
	        .present = state == CHECKOUT_OPEN};

	STR_CUT(m.medium.number, number);
	if (state >= 0) {
		m.checked_out = 1;
		m.checkout = (struct CheckoutRow){.id = "SIN-07-2026-0012",
		        .clerk = "clerk1",
		        .supervisor = "supervisor1",
		        .purpose = "submission",
		        .ground = "law",
		        .destination = "南税務署",
		        .from = T0 - 3600000,
		        .until = T0,
		        .state = (uint8_t)state};
		STR_CUT(m.checkout.medium, number);
		if (state == CHECKOUT_OPEN) /* who has left is not on the roster */
			STR_CUT(m.clerk_name, "佐藤 次郎");
	}
	row(fd, MSG_MEDIUM, &m);
}

static void status_row(int fd, int fault, const char *subject)
{
	struct MsgStatus s = {.terminal = "SIN-07",
	        .login = "clerk1",
	        .name = "佐藤 次郎",
	        .roles = ROLE_CLERK,
	        .fault = (uint16_t)fault,
	        .n = 1234,
	        .contact = "山田 花子 (supervisor1)"};

	STR_CUT(s.subject, subject);
	row(fd, MSG_STATUS, &s);
}

static void act_status(int fd)
{
	status_row(fd, FAULT_OK, "");
	medium(fd, "USB-0007", CHECKOUT_OPEN);
	medium(fd, "USB-0008", -1);
	medium(fd, "USB-0009", CHECKOUT_OVERDUE);
	devices(fd);
	reply_fault(fd, FAULT_OK, "");
}

static void act_status_shut(int fd)
{
	status_row(fd, FAULT_LEDGER_FULL, "");
	reply_fault(fd, FAULT_OK, "");
}

static void act_devices(int fd)
{
	devices(fd);
	reply_fault(fd, FAULT_OK, "");
}

static void step(int fd, uint8_t rule, int reason, bool decided, const char *compared)
{
	struct MsgStep s = {.step = {.rule = rule, .decided = decided, .reason = (uint16_t)reason}};

	STR_CUT(s.step.compared, compared);
	row(fd, MSG_STEP, &s);
}

static void act_explain(int fd)
{
	row(fd, MSG_DEVICE, &device_unknown);
	step(fd, 0, FAULT_NO_POLICY, false, "configuration in force");
	step(fd, 1, FAULT_MALFORMED_DEVICE, false, "62 bytes of descriptors, interface settings: 1");
	step(fd, 2, FAULT_BUS_CLOSED, false, "interface 0 is 08:06:50");
	step(fd, 3, FAULT_COMPOSITE, false, "interface settings: 1, one function");
	step(fd, 4, FAULT_NO_SERIAL, false, "serial number of 8 bytes");
	step(fd, 5, FAULT_PLACEHOLDER_SERIAL, false, "revoked"); /* a serial number, not a word */
	step(fd, 7, FAULT_NOT_REGISTERED, true, "not on the register");
	reply_fault(fd, FAULT_OK, "");
}

static void act_done(int fd)
{
	struct MsgReply r = {.n = 42, .number = "USB-0007", .checkout = "SIN-07-2026-0013"};

	reply(fd, &r);
}

static void act_bad_number(int fd)
{
	reply_fault(fd, FAULT_BAD_REQUEST, "number");
}

static void act_self_lending(int fd)
{
	reply_fault(fd, FAULT_SELF_LENDING, "supervisor1");
}

static void act_taken(int fd)
{
	reply_fault(fd, FAULT_NUMBER_TAKEN, "USB-0007");
}

static void act_return(int fd)
{
	struct MsgFound found = {
	        .found = FOUND_COPY, .size = 12345678, .name = "MEDIAGATE-SIN-07-2026-0012-01"};
	struct MsgReply r = {.n = 43,
	        .known = 1,
	        .foreign = 1,
	        .missing = 2,
	        .checkout = "SIN-07-2026-0012",
	        .number = "USB-0007",
	        .covered = 44,
	        .root = {1, 2, 3}};

	row(fd, MSG_FOUND, &found);
	found = (struct MsgFound){.found = FOUND_FOREIGN, .size = 12, .name = "auto\x1b[2Jrun.inf"};
	row(fd, MSG_FOUND, &found);
	found = (struct MsgFound){.found = FOUND_MISSING, .name = "MEDIAGATE-SIN-07-2026-0010-01"};
	row(fd, MSG_FOUND, &found);
	found = (struct MsgFound){.found = FOUND_MISSING, .name = "MEDIAGATE-SIN-07-2026-0011-01"};
	row(fd, MSG_FOUND, &found);
	reply(fd, &r);
}

static void act_nothing_done(int fd)
{
	reply(fd, &(struct MsgReply){.n = UINT64_MAX});
}

static void act_no_checkout(int fd)
{
	reply_fault(fd, FAULT_NO_CHECKOUT, "USB-0007");
}

static void act_label_older(int fd)
{
	reply_fault(fd, FAULT_LABEL_OLDER, "USB-0007");
}

static void act_label_room(int fd)
{
	reply_fault(fd, FAULT_NO_LABEL_ROOM, "USB-0007");
}

static void act_silent(int fd)
{
	(void)fd; /* the end without a reply */
}

static void act_babble(int fd)
{
	must(write(fd, "hello", 5) == 5, "write");
}

/* A clerk's own lines: not consecutive, no checkpoint. */
static void act_records(int fd)
{
	static const char lines[] =
	        "{\"n\":4,\"t\":\"2026-11-26T17:05:00.000+09:00\",\"kind\":\"copy\",\"terminal\":\"SIN-07\","
	        "\"actor\":\"clerk1\",\"role\":\"clerk\",\"medium\":\"USB-0007\",\"result\":\"done\","
	        "\"detail\":{\"copy\":\"SIN-07-2026-0012-01\",\"files\":2,\"bytes\":2048}}\n";
	struct MsgReplyFiles files = {};
	int memory = memfd_create("records", MFD_CLOEXEC);

	must(memory >= 0 && write(memory, lines, sizeof(lines) - 1) == sizeof(lines) - 1, "memfd");
	must(channel_send(fd, MSG_REPLY_FILES, &files, &memory, 1) == 0, "send");
	reply_fault(fd, FAULT_OK, "");
	close(memory);
}

static void event(int fd, const struct MsgEvent *e)
{
	struct MsgEvent row_ = *e;

	row_.time = 1795680000000;
	row(fd, MSG_EVENT, &row_);
}

static void act_watch(int fd)
{
	struct MsgReply r = {.n = UINT64_MAX, .contact = "山田 花子 (supervisor1)", .next = 1795680000105};

	event(fd, &(struct MsgEvent){.number = 1795680000100, .kind = RECORD_DEVICE, .result = RESULT_REFUSED,
	                  .reason = FAULT_NOT_REGISTERED, .device = "2-\x1b[2J1"});
	event(fd, &(struct MsgEvent){.number = 1795680000101, .kind = RECORD_OPEN, .result = RESULT_DONE,
	                  .actor = "clerk1", .medium = "USB-0007", .device = "2-2"});
	event(fd, &(struct MsgEvent){.number = 1795680000102, .kind = RECORD_OVERDUE, .result = RESULT_DONE,
	                  .medium = "USB-0007"});
	event(fd, &(struct MsgEvent){.number = 1795680000103, .kind = RECORD_COPY, .result = RESULT_FAILED,
	                  .reason = FAULT_MEDIUM_GONE, .actor = "clerk1", .medium = "USB-0007"});
	event(fd, &(struct MsgEvent){.number = 1795680000104, .kind = 200, .result = 200, .reason = 9999});
	reply(fd, &r);
}

static void year_row(int fd, const char *asked_by)
{
	struct MsgYear y = {.size = 128, .asked_at = T0};

	memset(y.root, 0x5a, sizeof(y.root));
	STR_CUT(y.asked_by, asked_by);
	row(fd, MSG_YEAR_ROW, &y);
}

static void act_year_asked(int fd)
{
	year_row(fd, "");
	reply(fd, &(struct MsgReply){.n = 1234});
}

static void act_year_dropped(int fd)
{
	year_row(fd, "supervisor1");
	reply(fd, &(struct MsgReply){.n = 1240});
}

static void act_year_alone(int fd)
{
	reply_fault(fd, FAULT_SAME_PERSON, "supervisor2");
}

static void act_year_kept(int fd)
{
	reply_fault(fd, FAULT_RETENTION, "2020");
}

/* Rows for all who ask an agent that only observes; each command takes its own. */
static void act_observing(int fd)
{
	struct MsgStatus s = {.terminal = "SIN-07", .login = "clerk1", .name = "佐藤 次郎", .roles = ROLE_CLERK, .n = 1234,
	        .contact = "山田 花子 (supervisor1)", .observe = 1};
	struct MsgDevice d = device_unknown;
	struct MsgReply r = {.n = UINT64_MAX, .contact = "山田 花子 (supervisor1)", .next = 1795680000101, .observe = 1};

	d.observed = 1;
	row(fd, MSG_STATUS, &s);
	row(fd, MSG_DEVICE, &d);
	event(fd, &(struct MsgEvent){.number = 1795680000100, .kind = RECORD_DEVICE, .result = RESULT_REFUSED,
	                  .reason = FAULT_NOT_REGISTERED, .device = "2-1", .observed = 1});
	reply(fd, &r);
}

static void act_observed_records(int fd)
{
	static const char lines[] =
	        "{\"n\":3,\"t\":\"2026-11-26T17:04:59.000+09:00\",\"kind\":\"policy\",\"terminal\":\"SIN-07\","
	        "\"result\":\"done\",\"detail\":{\"mode\":\"observe\"}}\n"
	        "{\"n\":4,\"t\":\"2026-11-26T17:05:00.000+09:00\",\"kind\":\"device\",\"terminal\":\"SIN-07\","
	        "\"result\":\"refused\",\"reason\":\"not-registered\",\"detail\":{\"device\":\"2-1\",\"observed\":true}}\n"
	        "{\"n\":6,\"t\":\"2026-11-26T17:05:00.020+09:00\",\"kind\":\"observe\",\"terminal\":\"SIN-07\","
	        "\"result\":\"done\",\"reason\":\"not-registered\",\"detail\":{\"device\":\"2-1\",\"observed\":true}}\n";
	struct MsgReplyFiles files = {};
	int memory = memfd_create("records", MFD_CLOEXEC);

	must(memory >= 0 && write(memory, lines, sizeof(lines) - 1) == sizeof(lines) - 1, "memfd");
	must(channel_send(fd, MSG_REPLY_FILES, &files, &memory, 1) == 0, "send");
	reply(fd, &(struct MsgReply){.n = UINT64_MAX, .observe = 1});
	close(memory);
}

static const struct {
	const char *name;
	void (*act)(int fd);
} scenarios[] = {
        {"watch", act_watch},
        {"observing", act_observing},
        {"observed-records", act_observed_records},
        {"status", act_status},
        {"status-shut", act_status_shut},
        {"devices", act_devices},
        {"explain", act_explain},
        {"done", act_done},
        {"nothing-done", act_nothing_done},
        {"bad-number", act_bad_number},
        {"self-lending", act_self_lending},
        {"taken", act_taken},
        {"return", act_return},
        {"no-checkout", act_no_checkout},
        {"label-older", act_label_older},
        {"label-room", act_label_room},
        {"silent", act_silent},
        {"babble", act_babble},
        {"records", act_records},
        {"year-asked", act_year_asked},
        {"year-dropped", act_year_dropped},
        {"year-alone", act_year_alone},
        {"year-kept", act_year_kept},
};

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	must(fd >= 0 && str_set(address.sun_path, sizeof(address.sun_path), path) == 0, "socket");
	must(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 1) == 0, "bind");
	return fd;
}

int main(int argc, char **argv)
{
	char text[LIMIT_REQUEST];
	int listener, fd, asked;
	ssize_t n;

	if (argc != 4)
		return 2;
	listener = listen_at(argv[1]);
	printf("listening\n");
	fflush(stdout);
	fd = accept(listener, NULL, NULL);
	must(fd >= 0, "accept");
	n = recv(fd, text, sizeof(text), 0);
	asked = open(argv[3], O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(n >= 0 && asked >= 0 && write(asked, text, (size_t)n) == n, "request");
	for (size_t i = 0; i < ARRAY_SIZE(scenarios); i++)
		if (!strcmp(scenarios[i].name, argv[2])) {
			scenarios[i].act(fd);
			close(fd);
			return 0;
		}
	fprintf(stderr, "no scenario %s\n", argv[2]);
	return 2;
}
