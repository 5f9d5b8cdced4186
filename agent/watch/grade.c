/* SPDX-License-Identifier: Apache-2.0 */
#include "grade.h"

#include "descriptors.h"

#include <ctype.h>

#define CLASS_IMAGE   0x06 /* cameras and phones: PTP, MTP */
#define CLASS_STORAGE 0x08

#define SHORTEST 4 /* characters of a serial number */

/* Seen on whole batches of cheap controllers, or printed in their makers' examples. Upper case. */
static const char *const placeholders[] = {
        "058F0O1111B1",
        "058F312D81B",
        "058F63616471",
        "058F63666433",
        "058F63666485",
        "AAAABBBBCCCC",
        "AAAABBBBCCCCDDDD",
        "ABCD1234",
        "DEADBEEF",
        "DEFAULT",
        "NONE",
        "NULL",
        "N/A",
        "SERIAL",
        "SERIALNUMBER",
        "SERIAL NUMBER",
        "STRING SERIAL",
        "TO BE FILLED BY O.E.M.",
        "UNKNOWN",
        "USBV1.00",
};

/* One unit of at most two characters, over and over: 000000, ABABAB. */
static bool is_repetition(const char *s, size_t n)
{
	for (size_t unit = 1; unit <= 2; unit++) {
		size_t i = unit;

		while (i < n && s[i] == s[i - unit])
			i++;
		if (i == n && n >= 2 * unit)
			return true;
	}
	return false;
}

/* The next sign of a count: 8 9 A B … E F 0 or 8 9 0. */
static bool follows(char a, char b)
{
	return b == a + 1 || (a == '9' && (b == 'A' || b == '0')) || (a == 'F' && b == '0');
}

/* 0123456789, 123456789ABCDEF0, 9876543210. */
static bool is_count(const char *s, size_t n)
{
	bool up = true, down = true;

	for (size_t i = 1; i < n; i++) {
		up &= follows(s[i - 1], s[i]);
		down &= follows(s[i], s[i - 1]);
	}
	return up || down;
}

/* A controller's type behind zeros, the same on each of them: 000000000033, 000000001206. */
static bool is_mostly_zero(const char *s, size_t n)
{
	size_t zeros = 0;

	while (zeros < n && s[zeros] == '0')
		zeros++;
	return zeros >= 8 && n - zeros <= 4;
}

static bool is_listed(const char *s)
{
	for (size_t i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (!strcmp(s, placeholders[i]))
			return true;
	return false;
}

/* Blanks at the ends and the case of letters do not make two devices out of one. */
static size_t serial_normal(const uint8_t *serial, size_t n, char ret[static LIMIT_SERIAL])
{
	size_t k = 0;

	while (n && serial[n - 1] == ' ')
		n--;
	while (n && *serial == ' ') {
		serial++;
		n--;
	}
	for (; k < n && k < LIMIT_SERIAL - 1; k++)
		ret[k] = (char)toupper(serial[k]);
	ret[k] = '\0';
	return k;
}

enum IdentityStrength grade_serial(const uint8_t *serial, size_t n)
{
	char s[LIMIT_SERIAL];

	if (n == 0)
		return IDENTITY_NO_SERIAL;
	n = serial_normal(serial, n, s);
	if (n < SHORTEST || is_repetition(s, n) || is_count(s, n) || is_mostly_zero(s, n) || is_listed(s))
		return IDENTITY_PLACEHOLDER;
	return IDENTITY_STRONG;
}

static bool by_class(const struct InterfaceSetting *s)
{
	return s->class == CLASS_STORAGE || s->class == CLASS_IMAGE;
}

static bool by_alias(
        const struct Aliases *aliases, const struct Identity *id, const struct InterfaceSetting *s)
{
	const uint8_t *device = id->descriptors; /* 18 bytes are there when there is a setting */
	const struct AliasQuestion q = {
	        .vendor = id->vendor,
	        .product = id->product,
	        .revision = id->revision,
	        .class = device[4],
	        .subclass = device[5],
	        .protocol = device[6],
	        .number = s->number,
	        .interface_class = s->class,
	        .interface_subclass = s->subclass,
	        .interface_protocol = s->protocol,
	};

	return aliases_match(aliases, &q);
}

bool grade_is_storage(const struct Aliases *aliases, const struct Identity *id, uint8_t number)
{
	for (size_t i = 0; i < id->n_interfaces; i++) {
		const struct InterfaceSetting *s = &id->interfaces[i];

		if (s->number == number && (by_class(s) || by_alias(aliases, id, s)))
			return true;
	}
	return false;
}

static void grade_interfaces(const struct Aliases *aliases, struct Identity *id)
{
	for (size_t i = 0; i < id->n_interfaces; i++) {
		const struct InterfaceSetting *s = &id->interfaces[i];
		bool class = by_class(s), alias = !class && by_alias(aliases, id, s);

		id->storage_like |= class || alias;
		id->by_alias |= alias;
		id->composite |= !class && !alias;
	}
	id->composite &= id->storage_like; /* half of a composite is storage; without it it is none of ours */
}

void grade_device(const struct Aliases *aliases, const struct GradeInput *in, struct Identity *ret)
{
	struct Descriptors d;
	int malformed = descriptors_read(in->descriptors, in->descriptors_size, &d);

	*ret = (struct Identity){.vendor = d.vendor, .product = d.product, .revision = d.revision};
	/* a name that does not fit is no USB port's: left empty, which core refuses */
	if (strlen(in->port) < sizeof(ret->port))
		memcpy(ret->port, in->port, strlen(in->port));
	ret->descriptors_size = (uint16_t)MIN(in->descriptors_size, (size_t)LIMIT_DESCRIPTORS);
	memcpy(ret->descriptors, in->descriptors, ret->descriptors_size);
	ret->serial_size = (uint16_t)MIN(in->serial_size, (size_t)LIMIT_SERIAL - 1);
	memcpy(ret->serial, in->serial, ret->serial_size);
	ret->n_interfaces = d.n_settings;
	memcpy(ret->interfaces, d.settings, d.n_settings * sizeof(*d.settings));
	grade_interfaces(aliases, ret);
	ret->strength = (uint8_t)grade_serial(ret->serial, ret->serial_size);
	if (malformed || in->descriptors_cut || in->serial_cut)
		ret->strength = IDENTITY_MALFORMED;
}
