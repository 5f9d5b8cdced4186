/* SPDX-License-Identifier: Apache-2.0 */
/* A system bus that takes connections and says nothing: whoever looks for one stays, and waits. */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

int main(void)
{
	const struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "/run/dbus/system_bus_socket"};
	int s = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	mkdir("/run/dbus", 0755);
	if (bind(s, (const struct sockaddr *)&a, sizeof(a)) || chmod(a.sun_path, 0666) || listen(s, 16) || daemon(0, 0))
		return 1;
	for (;;)
		(void)!accept4(s, NULL, NULL, SOCK_CLOEXEC);
}
