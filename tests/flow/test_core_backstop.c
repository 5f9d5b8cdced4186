/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The block layer as the last place: what is on no list goes, what the system lies on never does, and what cannot be told
 * is not touched. The kernel's files are a small machine in the rig's folder; every call that is made there fails once.
 */
#include "core_case.h"
#include "core_wrap.h"
#include "disks.h"
#include "str.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#define PCI "sys/devices/pci0000:00/0000:00:1f.2"

/* A disk of the machine, by its bus: where it is, and what is written to take it away. */
struct MachineDisk {
	const char *name, *folder, *way;
	unsigned int minor;
};

static const struct MachineDisk sata = {"sda", PCI "/ata1/host0/target0:0:0/0:0:0:0/block/sda", "device/delete", 0};
static const struct MachineDisk data = {"sdb", PCI "/ata2/host1/target1:0:0/1:0:0:0/block/sdb", "device/delete", 16};
static const struct MachineDisk nvme = {
	"nvme0n1", "sys/devices/pci0000:00/0000:00:1d.0/0000:03:00.0/nvme/nvme0/nvme0n1", "device/device/driver/unbind", 32};
static const struct MachineDisk odd = {"odd0", "sys/devices/platform/odd/block/odd0", NULL, 48};

static struct {
	unsigned int taken; /* how often something was written that takes a disk away */
	char name[LIMIT_PORT];
	bool stays; /* the kernel says yes, and nothing goes */
} seen;

/* ------------------------------------------------------------------ the machine */

static void put(struct Rig *r, const char *folder, const char *name, const char *text)
{
	_cleanup_free_ char *path = NULL;

	RIG_MUST(asprintf(&path, "machine/%s/%s", folder, name) > 0);
	rig_put(r, path, text);
}

static void linked(struct Rig *r, const char *folder, const char *name, const char *to)
{
	char path[300];

	put(r, folder, "x", "");
	snprintf(path, sizeof(path), "machine/%s/%s", folder, name);
	(void)unlinkat(r->at, path, 0);
	RIG_MUST(symlinkat(to, r->at, path) == 0);
}

static void disk_make(struct Rig *r, const struct MachineDisk *d)
{
	char text[300], name[64];

	put(r, d->folder, "size", "2048\n");
	put(r, d->folder, "diskseq", "9\n");
	snprintf(text, sizeof(text), "8:%u\n", d->minor);
	put(r, d->folder, "dev", text);
	snprintf(text, sizeof(text), "%.8s-wwid\n", d->name);
	put(r, d->folder, "wwid", text);
	snprintf(text, sizeof(text), "../../%s", d->folder + strlen("sys/"));
	linked(r, "sys/class/block", d->name, text);
	snprintf(name, sizeof(name), "8:%u", d->minor);
	linked(r, "sys/dev/block", name, text);
	snprintf(text, sizeof(text), "%s/%s1", d->folder, d->name);
	put(r, text, "partition", "1\n");
	snprintf(name, sizeof(name), "8:%u", d->minor + 1);
	snprintf(text, sizeof(text), "../../%s/%s1", d->folder + strlen("sys/"), d->name);
	linked(r, "sys/dev/block", name, text);
	put(r, "dev", d->name, "");
	if (!d->way)
		return;
	snprintf(text, sizeof(text), "%s/device", d->folder);
	put(r, text, "x", "");
	snprintf(text, sizeof(text), "%s/%s", d->folder, d->way);
	*strrchr(text, '/') = '\0';
	put(r, text, strrchr(d->way, '/') + 1, "");
}

/* What the kernel does then. */
static void wrote(struct Rig *r, int dir, const char *name, const char *text)
{
	char path[300], *at;
	int fd;

	if (strcmp(name, "device/delete") && strcmp(name, "driver/unbind"))
		return;
	r->in_core = false;
	RIG_MUST(text[0] && disk_path(dir, path, sizeof(path)) == 0);
	seen.taken++;
	at = strstr(path, "nvme0n1");
	if (at && !strcmp(name, "driver/unbind"))
		at[strlen("nvme0n1")] = '\0';
	STR_CUT(seen.name, strrchr(path, '/') + 1);
	fd = seen.stays ? -1 : open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		int size = openat(fd, "size", O_WRONLY | O_TRUNC | O_CLOEXEC);

		RIG_MUST(size >= 0 && write(size, "0\n", 2) == 2);
		close(size);
		close(fd);
	}
	r->in_core = true;
}

static int machine(void **state)
{
	struct Rig *r;

	case_setup(state);
	r = *state;
	memset(&seen, 0, sizeof(seen));
	disk_make(r, &sata);
	disk_make(r, &data);
	disk_make(r, &nvme);
	disk_make(r, &odd);
	put(r, "proc/self", "mountinfo", "21 1 0:20 / /proc rw - proc proc rw\n");
	put(r, "proc", "swaps", "Filename Type Size Used Priority\n");
	put(r, "sys/fs/btrfs", "features", "");
	r->machine = true;
	r->wrote = wrote;
	return 0;
}

static void comes(struct Rig *r, const struct MachineDisk *d)
{
	struct MsgBlockAdd add = {.major = 8, .minor = d->minor, .size = 1 << 20, .diskseq = 9};
	char path[300];
	int fd;

	snprintf(path, sizeof(path), "machine/%s", d->folder);
	STR_CUT(add.disk, d->name);
	put(r, d->folder, "size", "2048\n");
	fd = rig_under(r, path);
	rig_say(r, rig_end(r, RIG_WATCH), MSG_BLOCK_ADD, &add, &fd, 1);
	fd_close(fd);
	rig_run(r);
}

/* The list of fixed disks; NULL: there is none. */
static void listed(struct Rig *r, const char *text)
{
	backstop_free(r->core);
	(void)unlinkat(r->at, "state/disks", 0);
	if (text)
		rig_text(r, "state/disks", text);
	r->in_core = true;
	assert_int_equal(backstop_open(r->core), 0);
	r->in_core = false;
}

static void mounted(struct Rig *r, const char *text)
{
	put(r, "proc/self", "mountinfo", text);
}

#define SYSTEM "25 1 8:1 / / rw - ext4 /dev/sda1 rw\n"

/* ------------------------------------------------------------------ what goes */

static void test_a_disk_that_is_on_no_list_is_taken_away_and_on_record(void **state)
{
	struct Rig *r = *state;

	listed(r, "another\n");
	mounted(r, SYSTEM);
	comes(r, &data);
	assert_int_equal(seen.taken, 1);
	assert_string_equal(seen.name, "sdb");
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_BUS_CLOSED), 1);
	assert_null(r->core->strays);
	comes(r, &nvme);
	assert_int_equal(seen.taken, 2);
	assert_string_equal(seen.name, "nvme0n1");
}

static void test_a_disk_of_the_list_stays_and_one_whose_place_differs_goes(void **state)
{
	struct Rig *r = *state;
	char line[DISK_LINE], path[300];
	_cleanup_fd_ int fd = -1;

	snprintf(path, sizeof(path), "machine/%s", data.folder);
	fd = rig_under(r, path);
	assert_int_equal(disk_line(fd, line), 0);
	assert_string_equal(line, "sdb-wwid /pci0000:00/0000:00:1f.2/ata@0/host/target:0:0/:0:0:0");
	listed(r, line);
	comes(r, &data);
	assert_int_equal(seen.taken, 0);
	assert_null(r->core->strays);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, -1), 0);
	line[strlen(line) - 1] = '7';
	listed(r, line);
	comes(r, &data);
	assert_int_equal(seen.taken, 1);
}

static void test_without_a_list_nothing_is_touched(void **state)
{
	struct Rig *r = *state;

	listed(r, NULL);
	comes(r, &data);
	comes(r, &nvme);
	assert_int_equal(seen.taken, 0);
}

static void test_a_list_that_cannot_be_read_names_no_disk_and_the_systems_stays(void **state)
{
	struct Rig *r = *state;
	struct WrapPlan plan = {.call = WRAP_OPENAT, .at = 1, .error = EMFILE};

	mounted(r, SYSTEM);
	wrap_plan(&plan);
	listed(r, "sda-wwid /whatever\n");
	wrap_plan(NULL);
	assert_true(plan.happened);
	comes(r, &sata);
	assert_int_equal(seen.taken, 0);
	comes(r, &data);
	assert_int_equal(seen.taken, 1);
}

static void test_one_that_does_not_go_is_held_tried_again_and_told(void **state)
{
	struct Rig *r = *state;

	listed(r, "");
	seen.stays = true;
	comes(r, &data);
	rig_later(r, 1000);
	rig_later(r, 1000);
	assert_int_equal(seen.taken, 3);
	assert_int_equal(rig_lines(r, RECORD_TAMPER, RESULT_DONE, FAULT_BUS_CLOSED), 1);
	seen.stays = false;
	rig_later(r, 1000);
	assert_null(r->core->strays);
	comes(r, &odd); /* there is no way to take it */
	rig_later(r, 1000);
	assert_int_equal(rig_lines(r, RECORD_TAMPER, RESULT_DONE, FAULT_BUS_CLOSED), 2);
	assert_non_null(r->core->strays);
}

static void test_one_that_somebody_had_mounted_is_tampering_besides(void **state)
{
	struct Rig *r = *state;

	listed(r, "");
	mounted(r, SYSTEM "30 25 8:17 / /mnt rw - ext4 /dev/sdb1 rw\n");
	comes(r, &data);
	assert_int_equal(seen.taken, 1);
	assert_int_equal(rig_lines(r, RECORD_TAMPER, RESULT_DONE, FAULT_FOREIGN_MOUNT), 1);
}

/* ------------------------------------------------------------------ what never does */

static void left_alone(struct Rig *r, const struct MachineDisk *d)
{
	size_t before = rig_lines(r, RECORD_DEVICE, RESULT_FAILED, FAULT_BUS_CLOSED);

	rig_later(r, 120000); /* an equal record is one within a minute */
	comes(r, d);
	rig_later(r, 5000);
	assert_int_equal(seen.taken, 0);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_FAILED, FAULT_BUS_CLOSED), before + 1);
	assert_null(r->core->strays);
}

static void test_what_the_system_lies_on_is_never_touched(void **state)
{
	static const char *const places[] = {"/", "/boot", "/boot/efi", "/home", "/var/lib/mediagate", "/usr", "/opt/x", "/srv"};
	struct Rig *r = *state;
	char text[200];

	listed(r, "");
	for (size_t i = 0; i < ARRAY_SIZE(places); i++) {
		snprintf(text, sizeof(text), "25 1 8:17 / %s rw - ext4 /dev/sdb1 rw\n", places[i]);
		mounted(r, text);
		left_alone(r, &data);
	}
}

static void test_swap_dm_and_btrfs_are_followed_down(void **state)
{
	struct Rig *r = *state;

	listed(r, "");
	put(r, "proc", "swaps", "Filename Type Size Used Priority\n/dev/sdb partition 1 0 -2\n");
	left_alone(r, &data);
	put(r, "proc", "swaps", "Filename Type Size Used Priority\n");
	/* / on dm on md on the disk */
	put(r, "sys/devices/virtual/block/dm-0", "dev", "253:0\n");
	put(r, "sys/devices/virtual/block/md0", "dev", "9:0\n");
	linked(r, "sys/dev/block", "253:0", "../../devices/virtual/block/dm-0");
	linked(r, "sys/devices/virtual/block/dm-0/slaves", "md0", "../../md0");
	linked(r, "sys/devices/virtual/block/md0/slaves", "sdb1", "../../../../../class/block/sdb");
	mounted(r, "25 1 253:0 / / rw - ext4 /dev/dm-0 rw\n");
	left_alone(r, &data);
	linked(r, "sys/fs/btrfs/0000-1111/devices", "sdb", "../../../../class/block/sdb");
	mounted(r, "25 1 0:33 / / rw - btrfs /dev/sdb rw\n");
	left_alone(r, &data);
}

static void test_what_cannot_be_told_is_not_touched_until_it_can(void **state)
{
	struct Rig *r = *state;

	listed(r, "");
	mounted(r, SYSTEM);
	(void)unlinkat(r->at, "machine/proc/self/mountinfo", 0);
	comes(r, &data);
	rig_later(r, 60000);
	assert_int_equal(seen.taken, 0);
	mounted(r, SYSTEM);
	rig_later(r, 1000);
	assert_int_equal(seen.taken, 1);
}

static void test_a_stack_that_is_too_deep_is_not_touched(void **state)
{
	struct Rig *r = *state;
	char folder[100], name[16], to[64];

	listed(r, "");
	for (unsigned int i = 0; i < 12; i++) {
		snprintf(folder, sizeof(folder), "sys/devices/virtual/block/dm-%u/slaves", i);
		snprintf(name, sizeof(name), "dm-%u", i + 1);
		snprintf(to, sizeof(to), "../../dm-%u", i + 1);
		if (i < 11)
			linked(r, folder, name, to);
		else
			linked(r, folder, "sdb", "../../../../../class/block/sdb");
	}
	linked(r, "sys/dev/block", "253:0", "../../devices/virtual/block/dm-0");
	mounted(r, "25 1 253:0 / / rw - ext4 /dev/dm-0 rw\n");
	comes(r, &data);
	rig_later(r, 5000);
	assert_int_equal(seen.taken, 0);
}

static void test_observe_mode_leaves_it_and_says_so_and_its_end_takes_it(void **state)
{
	struct Rig *r = *state;

	listed(r, "");
	mounted(r, SYSTEM);
	r->observe = true;
	r->machine = false; /* the configuration is not the machine's */
	assert_int_equal(rig_reload(r), 0);
	rig_run(r);
	r->machine = true;
	comes(r, &data);
	rig_later(r, 5000);
	assert_int_equal(seen.taken, 0);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_BUS_CLOSED), 1);
	r->observe = false;
	assert_int_equal(rig_reload(r), 0);
	rig_run(r);
	rig_later(r, 61000);
	assert_int_equal(seen.taken, 1);
	assert_int_equal(rig_lines(r, RECORD_DEVICE, RESULT_REFUSED, FAULT_BUS_CLOSED), 2);
}

/* ------------------------------------------------------------------ every call fails once */

static const enum WrapCall calls[] = {WRAP_OPENAT, WRAP_OPEN, WRAP_READ, WRAP_FSTATFS, WRAP_READLINK, WRAP_READLINKAT,
	WRAP_FOPEN, WRAP_GETLINE, WRAP_FCNTL};

/* How the machine is, and whether the disk is to be there at the end. */
struct Case {
	const char *list, *mounts, *swaps;
	bool dm, stays;
};

static void scene(struct Rig *r, const struct Case *c)
{
	memset(&seen, 0, sizeof(seen));
	listed(r, c->list);
	mounted(r, c->mounts);
	put(r, "proc", "swaps", c->swaps ? c->swaps : "Filename Type Size Used Priority\n");
	if (!c->dm)
		return;
	put(r, "sys/devices/virtual/block/dm-0", "dev", "253:0\n");
	linked(r, "sys/dev/block", "253:0", "../../devices/virtual/block/dm-0");
	linked(r, "sys/devices/virtual/block/dm-0/slaves", "sdb1", "../../../../../class/block/sdb");
}

/* One whole life of a disk; core may end (its successor does the same again), a disk that stays may never go. */
static bool life(struct Rig *r, const struct Case *c, struct WrapPlan *plan)
{
	scene(r, c);
	wrap_plan(plan);
	comes(r, &data);
	if (!r->ended)
		rig_later(r, 1000);
	wrap_plan(NULL);
	if (c->stays)
		RIG_MUST(!seen.taken);
	return !r->ended;
}

static void again(struct Rig *r, const struct Case *c)
{
	(void)c;
	r->machine = false;
	rig_reset(r);
	rig_boot(r);
	r->machine = true;
	r->wrote = wrote;
}

static size_t sweep(struct Rig *r, const struct Case *c)
{
	size_t runs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(calls); i++) {
		struct WrapPlan count = {};

		again(r, c);
		RIG_MUST(life(r, c, &count));
		RIG_MUST(c->stays ? !seen.taken : seen.taken == 1);
		for (unsigned int e = 0; wrap_error(calls[i], e); e++)
			for (unsigned int at = 1; at <= count.seen[calls[i]]; at++) {
				struct WrapPlan plan = {.call = calls[i], .at = at, .error = wrap_error(calls[i], e)};

				again(r, c);
				snprintf(r->note, sizeof(r->note), "%s, call %u, %s", wrap_word(calls[i]), at,
					strerror(plan.error));
				r->quiet = true;
				if (life(r, c, &plan)) {
					/* nothing is forgotten: what is to go goes when the call works again */
					rig_later(r, 10000);
					RIG_MUST(c->stays ? !seen.taken : seen.taken > 0);
				}
				RIG_MUST(plan.happened);
				runs++;
			}
	}
	return runs;
}

#define DATA "sdb-wwid /pci0000:00/0000:00:1f.2/ata@0/host/target:0:0/:0:0:0\n"

static void test_whatever_call_fails_what_the_system_lies_on_stays(void **state)
{
	static const struct Case cases[] = {
		{.list = "", .mounts = "25 1 8:17 / / rw - ext4 /dev/sdb1 rw\n", .stays = true},
		{.list = "", .mounts = SYSTEM, .swaps = "F T S U P\n/dev/sdb partition 1 0 -2\n", .stays = true},
		{.list = "", .mounts = "25 1 253:0 / / rw - ext4 /dev/dm-0 rw\n", .dm = true, .stays = true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		printf("%zu calls failed\n", sweep(*state, &cases[i]));
}

static void test_whatever_call_fails_a_fixed_disk_stays(void **state)
{
	static const struct Case c = {.list = DATA, .mounts = SYSTEM, .stays = true};

	printf("%zu calls failed\n", sweep(*state, &c));
}

static void test_whatever_call_fails_a_strange_disk_goes(void **state)
{
	static const struct Case c = {.list = "", .mounts = SYSTEM};

	printf("%zu calls failed\n", sweep(*state, &c));
}

#define TEST(name) cmocka_unit_test_setup_teardown(test_##name, machine, case_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_disk_that_is_on_no_list_is_taken_away_and_on_record),
		TEST(a_disk_of_the_list_stays_and_one_whose_place_differs_goes),
		TEST(without_a_list_nothing_is_touched),
		TEST(a_list_that_cannot_be_read_names_no_disk_and_the_systems_stays),
		TEST(one_that_does_not_go_is_held_tried_again_and_told),
		TEST(one_that_somebody_had_mounted_is_tampering_besides),
		TEST(what_the_system_lies_on_is_never_touched),
		TEST(swap_dm_and_btrfs_are_followed_down),
		TEST(what_cannot_be_told_is_not_touched_until_it_can),
		TEST(a_stack_that_is_too_deep_is_not_touched),
		TEST(observe_mode_leaves_it_and_says_so_and_its_end_takes_it),
		TEST(whatever_call_fails_what_the_system_lies_on_stays),
		TEST(whatever_call_fails_a_fixed_disk_stays),
		TEST(whatever_call_fails_a_strange_disk_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
