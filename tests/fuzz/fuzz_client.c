/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An agent that says anything: the command must end, with a status of the table. Input: which verb, JSON
 * or not, then packets {size, size, bytes}.
 */
#include "client.h"
#include "fault.h"
#include "str.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct Agent {
	int listener;
	const uint8_t *data;
	size_t size;
};

static void *agent_run(void *owner)
{
	struct Agent *a = owner;
	int fd = accept(a->listener, NULL, NULL);

	while (a->size >= 2) {
		size_t n = MIN((size_t)a->data[0] << 8 | a->data[1], a->size - 2);

		if (n && send(fd, a->data + 2, n, MSG_NOSIGNAL) < 0)
			break;
		a->data += 2 + n;
		a->size -= 2 + n;
	}
	close(fd);
	return NULL;
}

static int listen_at(const char *path)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	unlink(path);
	if (fd < 0 || str_set(address.sun_path, sizeof(address.sun_path), path) ||
	        bind(fd, (const struct sockaddr *)&address, sizeof(address)) || listen(fd, 1))
		abort();
	return fd;
}

/* The command's words go nowhere: fuzzing is not reading. */
static void quiet(void)
{
	int fd = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (fd < 0 || dup2(fd, STDOUT_FILENO) < 0)
		abort();
	close(fd);
	if (!freopen("/dev/null", "w", stderr))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct Command *const verbs[] = {
	        &verb_status, &verb_devices, &verb_explain, &verb_return, &verb_register};
	/* one for the whole run: libFuzzer calls from one thread */
	static int listener = -1;
	static char path[64];
	char word[] = "A-1";
	char *words[] = {word, NULL};
	struct Agent agent;
	struct Context c;
	pthread_t thread;
	_cleanup_free_ void *args = calloc(1, 4096);
	const struct Command *verb;
	int status;

	if (size < 2 || !args)
		return 0;
	if (listener < 0) {
		snprintf(path, sizeof(path), "/tmp/fuzz-client.%d", getpid());
		listener = listen_at(path);
		quiet();
	}
	verb = verbs[data[0] % ARRAY_SIZE(verbs)];
	if (verb == &verb_register)
		memcpy(args, &(char *){word}, sizeof(char *)); /* --number */
	agent = (struct Agent){listener, data + 2, size - 2};
	c = (struct Context){.socket = path, .json = data[1] & 1};
	if (pthread_create(&thread, NULL, agent_run, &agent))
		abort();
	status = verb->run(&c, args, verb->least, words);
	pthread_join(thread, NULL);
	if (status < 0 || (status > EXIT_CONFIG && status != EXIT_CANCELLED))
		abort();
	return 0;
}
