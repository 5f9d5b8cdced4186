/* SPDX-License-Identifier: Apache-2.0 */
#include "descriptors.h"

#define DT_DEVICE	 1
#define DT_CONFIGURATION 2
#define DT_INTERFACE	 4

static uint16_t le16(const uint8_t *p)
{
	return (uint16_t)(p[0] | p[1] << 8);
}

static void add_setting(struct Identity *i, uint8_t configuration, const uint8_t *p)
{
	if (i->n_interfaces == LIMIT_INTERFACES) {
		i->strength = IDENTITY_MALFORMED;
		return;
	}
	i->interfaces[i->n_interfaces++] = (struct InterfaceSetting){
		.configuration = configuration, .number = p[2], .alternate = p[3],
		.class = p[5], .subclass = p[6], .protocol = p[7]};
}

/* One configuration of exactly `size` bytes; false when a length does not fit. */
static bool read_configuration(struct Identity *i, const uint8_t *p, size_t size)
{
	uint8_t configuration = p[5];

	for (size_t at = 0; at < size; at += p[at]) {
		if (size - at < 2 || p[at] < 2 || p[at] > size - at)
			return false;
		if (p[at + 1] != DT_INTERFACE)
			continue;
		if (p[at] < 9)
			return false;
		add_setting(i, configuration, p + at);
	}
	return true;
}

void descriptors_read(const uint8_t *bytes, size_t size, struct Identity *ret)
{
	size_t at = 18;

	if (size < 18 || size > LIMIT_DESCRIPTORS || bytes[0] != 18 || bytes[1] != DT_DEVICE) {
		ret->strength = IDENTITY_MALFORMED;
		return;
	}
	ret->vendor = le16(bytes + 8);
	ret->product = le16(bytes + 10);
	ret->revision = le16(bytes + 12);
	memcpy(ret->descriptors, bytes, size);
	ret->descriptors_size = (uint16_t)size;
	for (unsigned int n = 0; at < size; n++) {
		size_t whole;

		if (size - at < 9 || bytes[at] < 9 || bytes[at + 1] != DT_CONFIGURATION || n == bytes[17]) {
			ret->strength = IDENTITY_MALFORMED;
			return;
		}
		whole = le16(bytes + at + 2);
		if (whole < 9 || whole > size - at || !read_configuration(ret, bytes + at, whole)) {
			ret->strength = IDENTITY_MALFORMED;
			return;
		}
		at += whole;
	}
	if (!ret->n_interfaces)
		ret->strength = IDENTITY_MALFORMED;
}

static bool all_equal(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (p[i] != p[0])
			return false;
	return true;
}

/* 0123456789, ABCDEF…: each character one above the one before; 9 is followed by 0 or A. */
static bool runs_upward(const uint8_t *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (p[i] != p[i - 1] + 1 && !(p[i - 1] == '9' && (p[i] == '0' || p[i] == 'A' || p[i] == 'a')))
			return false;
	return true;
}

/* Serial numbers that whole batches share, apart from the regular ones. */
static const char *const placeholders[] = {
	"0123456789ABCDEF", "0123456789abcdef", "000000000001", "00000000000001", "123456789ABCDEF", "MSFT20",
	"AAAABBBBCCCC", "DEADBEEF", "deadbeef", "None", "none", "N/A", "serial", "SERIAL", "Serial Number",
	"USB Mass Storage", "USBSTORAGE", "default", "DISK00000000000001",
};

static bool is_placeholder(const uint8_t *p, size_t n)
{
	if (n < 4 || all_equal(p, n) || runs_upward(p, n))
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (strlen(placeholders[i]) == n && !memcmp(placeholders[i], p, n))
			return true;
	return false;
}

void serial_read(const uint8_t *bytes, size_t size, struct Identity *ret)
{
	bool blank = true;

	if (size >= LIMIT_SERIAL) {
		ret->strength = IDENTITY_MALFORMED;
		return;
	}
	memcpy(ret->serial, bytes, size);
	ret->serial_size = (uint16_t)size;
	for (size_t i = 0; i < size; i++)
		blank &= bytes[i] == ' ' || bytes[i] == 0;
	if (ret->strength == IDENTITY_MALFORMED)
		return;
	ret->strength = blank ? IDENTITY_NO_SERIAL : is_placeholder(bytes, size) ? IDENTITY_PLACEHOLDER : IDENTITY_STRONG;
}

bool setting_is_storage(const struct InterfaceSetting *s)
{
	/* MTP of old players and Android: vendor class with the still-image protocol's shape */
	return s->class == 0x08 || s->class == 0x06 ||
		(s->class == 0xff && s->subclass == 0xff && s->protocol == 0x00);
}

void identity_classify(struct Identity *i, bool alias)
{
	bool storage = false, other = false;

	for (size_t k = 0; k < i->n_interfaces; k++) {
		bool is = setting_is_storage(&i->interfaces[k]);

		storage |= is;
		other |= !is;
	}
	i->by_alias = alias && !storage;
	i->storage_like = alias || storage;
	i->composite = other && storage;
}
