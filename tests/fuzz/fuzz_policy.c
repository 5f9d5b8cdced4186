/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration texts; the first byte chooses the file. What is read without a mistake is taken by the
 * policy, row for row, and would pass the wire; a mistake has a file and a line; hearing every mistake
 * finds the same first one.
 */
#include "../lsan_libconfig.h"
#include "fault.h"
#include "parse.h"
#include "policy.h"
#include "str.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct Target {
	struct Policy *policy;
	uid_t uid;
	unsigned int mistakes;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static int take_row(void *owner, enum MessageType type, const void *row)
{
	struct {
		uint32_t type, size;
		union MessageBody body;
	} packet = {.type = type, .size = (uint32_t)channel_size(type)};
	struct Target *t = owner;
	struct Message m;

	memcpy(&packet.body, row, packet.size);
	must(channel_check(&packet, offsetof(typeof(packet), body) + packet.size, 0, &m) == 0);
	must(policy_add(t->policy, type, row) == 0);
	return 0;
}

static int give_uid(void *owner, const char *login, uid_t *ret)
{
	struct Target *t = owner;

	*ret = ++t->uid;
	return login[0] == 'x' ? -ENOENT : 0;
}

static void hear(void *owner, enum ConfigSaying what, const char *text)
{
	struct Target *t = owner;

	must(str_is_line(text, strlen(text)));
	t->mistakes += what == CONFIG_MISTAKE;
}

static int read_once(struct ConfigReader *r, const uint8_t *data, size_t size)
{
	FILE *f = fmemopen((void *)(uintptr_t)(data + 1), size - 1, "r");
	int fault;

	must(f != NULL);
	fault = config_file_read(r, data[0] % _CONFIG_FILE_N, f);
	fclose(f);
	must(fault == 0 || fault == FAULT_BAD_CONFIG);
	must((fault != 0) == (r->error[0] != '\0'));
	return fault;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct Target target = {};
	struct ConfigReader check = {}, load = {.row = take_row, .uid = give_uid, .owner = &target};
	struct ConfigReader say = {.say = hear, .owner = &target};
	char place[32];
	int fault;

	if (size < 2)
		return 0;
	fault = read_once(&check, data, size);
	must(read_once(&say, data, size) == fault && str_eq(say.error, check.error));
	must((target.mistakes > 0) == (fault != 0));
	if (fault) {
		snprintf(place, sizeof(place), "%s:", config_name(data[0] % _CONFIG_FILE_N));
		must(!strncmp(check.error, place, strlen(place)) && check.error[strlen(place)] >= '1' &&
		        check.error[strlen(place)] <= '9');
		return 0;
	}
	must(policy_new(&target.policy) == 0);
	must(read_once(&load, data, size) == 0);
	policy_free(target.policy);
	return 0;
}
