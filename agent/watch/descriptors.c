/* SPDX-License-Identifier: Apache-2.0 */
/*
 * USB 2.0, chapter 9.6. The kernel has dropped what it could not use but hands on the bytes as the device
 * sent them, so every length is checked again. Strict: a stick that is registered must be able to say
 * plainly what it is; whatever else is malformed, and refused.
 */
#include "descriptors.h"

enum {
	TYPE_DEVICE = 1,
	TYPE_CONFIGURATION = 2,
	TYPE_INTERFACE = 4,
	SIZE_DEVICE = 18,
	SIZE_CONFIGURATION = 9,
	SIZE_INTERFACE = 9,
};

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static bool setting_known(const struct Descriptors *d, const struct InterfaceSetting *s)
{
	for (size_t i = 0; i < d->n_settings; i++)
		if (d->settings[i].configuration == s->configuration && d->settings[i].number == s->number &&
		        d->settings[i].alternate == s->alternate)
			return true;
	return false;
}

/* Distinct interface numbers of one configuration. */
static unsigned int interfaces_of(const struct Descriptors *d, size_t from)
{
	unsigned int n = 0;

	for (size_t i = from; i < d->n_settings; i++) {
		bool again = false;

		for (size_t k = from; k < i; k++)
			again |= d->settings[k].number == d->settings[i].number;
		n += !again;
	}
	return n;
}

static int setting_read(const uint8_t *p, uint8_t configuration, struct Descriptors *d)
{
	const struct InterfaceSetting s = {
	        .configuration = configuration,
	        .number = p[2],
	        .alternate = p[3],
	        .class = p[5],
	        .subclass = p[6],
	        .protocol = p[7],
	};

	if (d->n_settings == LIMIT_INTERFACES)
		return DESCRIPTORS_MALFORMED;
	if (setting_known(d, &s)) {
		d->settings[d->n_settings++] = s; /* both are looked at */
		return DESCRIPTORS_MALFORMED;
	}
	d->settings[d->n_settings++] = s;
	return 0;
}

/* One configuration with all below it, exactly `size` bytes. */
static int configuration_read(const uint8_t *p, size_t size, struct Descriptors *d)
{
	size_t first = d->n_settings;
	uint8_t value = p[5];
	int malformed = 0;

	for (size_t at = p[0]; at < size; at += p[at]) {
		size_t left = size - at;

		if (left < 2 || p[at] < 2 || p[at] > left)
			return DESCRIPTORS_MALFORMED;
		if (p[at + 1] == TYPE_DEVICE || p[at + 1] == TYPE_CONFIGURATION)
			malformed = DESCRIPTORS_MALFORMED;
		if (p[at + 1] != TYPE_INTERFACE)
			continue;
		if (p[at] < SIZE_INTERFACE)
			return DESCRIPTORS_MALFORMED;
		malformed |= setting_read(p + at, value, d);
	}
	return malformed || interfaces_of(d, first) != p[4] ? DESCRIPTORS_MALFORMED : 0;
}

static int configurations_read(const uint8_t *p, size_t size, unsigned int wanted, struct Descriptors *d)
{
	unsigned int n = 0;
	int malformed = 0;

	while (size) {
		size_t total;

		if (size < SIZE_CONFIGURATION || p[0] < SIZE_CONFIGURATION || p[1] != TYPE_CONFIGURATION)
			return DESCRIPTORS_MALFORMED;
		total = le16(p + 2);
		if (total < p[0] || total > size) {
			/* the length lies; what is there is still looked at */
			if (p[0] <= size)
				(void)configuration_read(p, size, d);
			return DESCRIPTORS_MALFORMED;
		}
		malformed |= configuration_read(p, total, d);
		p += total;
		size -= total;
		n++;
	}
	return malformed || n != wanted || !n ? DESCRIPTORS_MALFORMED : 0;
}

int descriptors_read(const uint8_t *bytes, size_t size, struct Descriptors *ret)
{
	*ret = (struct Descriptors){};
	if (size < SIZE_DEVICE || bytes[0] != SIZE_DEVICE || bytes[1] != TYPE_DEVICE)
		return DESCRIPTORS_MALFORMED;
	ret->class = bytes[4];
	ret->subclass = bytes[5];
	ret->protocol = bytes[6];
	ret->vendor = le16(bytes + 8);
	ret->product = le16(bytes + 10);
	ret->revision = le16(bytes + 12);
	return configurations_read(bytes + SIZE_DEVICE, size - SIZE_DEVICE, bytes[17], ret);
}
