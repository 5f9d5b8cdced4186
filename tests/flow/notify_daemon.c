/* SPDX-License-Identifier: Apache-2.0 */
/* A desktop that shows notices: writes each to standard output as "summary|body|urgency|expires". */
#include "std.h"

#include <stdio.h>
#include <systemd/sd-bus.h>

static int notify(sd_bus_message *m, void *owner, sd_bus_error *error)
{
	const char *name, *icon, *summary, *body, *key;
	uint32_t replaces;
	uint8_t urgency = 255;
	int32_t expires;

	(void)owner;
	(void)error;
	if (sd_bus_message_read(m, "susss", &name, &replaces, &icon, &summary, &body) < 0 ||
		sd_bus_message_skip(m, "as") < 0 || sd_bus_message_enter_container(m, 'a', "{sv}") < 0)
		return -EBADMSG;
	while (sd_bus_message_enter_container(m, 'e', "sv") > 0) {
		if (sd_bus_message_read(m, "s", &key) < 0)
			return -EBADMSG;
		if (!strcmp(key, "urgency") ? sd_bus_message_read(m, "v", "y", &urgency) < 0 :
						  sd_bus_message_skip(m, "v") < 0)
			return -EBADMSG;
		sd_bus_message_exit_container(m);
	}
	sd_bus_message_exit_container(m);
	if (sd_bus_message_read(m, "i", &expires) < 0)
		return -EBADMSG;
	printf("%s|%s|%u|%d\n", summary, body, urgency, expires);
	fflush(stdout);
	return sd_bus_reply_method_return(m, "u", 1u);
}

static const sd_bus_vtable table[] = {
	SD_BUS_VTABLE_START(0),
	SD_BUS_METHOD("Notify", "susssasa{sv}i", "u", notify, 0),
	SD_BUS_VTABLE_END,
};

int main(void)
{
	sd_bus *bus = NULL;
	int r = sd_bus_open_user(&bus);

	if (r >= 0)
		r = sd_bus_add_object_vtable(
			bus, NULL, "/org/freedesktop/Notifications", "org.freedesktop.Notifications", table, NULL);
	if (r >= 0)
		r = sd_bus_request_name(bus, "org.freedesktop.Notifications", 0);
	if (r >= 0) {
		printf("ready\n");
		fflush(stdout);
	}
	while (r >= 0) {
		r = sd_bus_process(bus, NULL);
		if (r == 0)
			r = sd_bus_wait(bus, UINT64_MAX);
	}
	fprintf(stderr, "notify_daemon: %s\n", strerror(-r));
	sd_bus_unref(bus);
	return 1;
}
