/* SPDX-License-Identifier: Apache-2.0 */
/* key: what whoever sets up a terminal writes into its forward.conf. */
#include "command.h"
#include "file.h"

#include <fcntl.h>

int verb_key(const struct Command *c)
{
	_cleanup_fd_ int data = open(c->settings.data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char vkey[512];
	ssize_t n = data < 0 ? -errno : file_read_text_at(data, "witness/vkey", vkey, sizeof(vkey));

	if (n == -ENOENT)
		return command_error(COMMAND_UNREADABLE, "%s",
		        _("there is no key yet: it is made when serve first starts with push_port"));
	if (n < 0)
		return command_error(
		        COMMAND_UNREADABLE, "%s: %s", c->settings.data, strerrordesc_np((int)-n));
	printf("%s\n", vkey);
	return COMMAND_OK;
}
