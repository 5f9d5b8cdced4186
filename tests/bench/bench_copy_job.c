/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole copy job: both its processes, the sandbox, the ring, the medium's syncs. CPU time of all of them
 * against the limit that libcrypto sets (1/AES-256-GCM + 2/SHA-256 per byte, `openssl speed` in the same
 * run, in turns, the best of each), and the most memory both had resident together.
 *
 * What would be written to the medium goes to /dev/null (the job's write is replaced at link time: all the
 * rest of it is what ships). With --medium DIR it goes to a folder there instead, and elapsed time is
 * set beside cp and fsync of the same file to the same place: for a throttled target.
 * With --sparse the file has no blocks: for memory and time of copies larger than the disk at hand.
 *
 * usage: bench_copy_job [--json] [--mib N] [--runs N] [--dir DIR] [--medium DIR] [--sparse]
 */
#include "clock.h"
#include "copy_rig.h"
#include "openssl_speed.h"
#include "str.h"

#include <fcntl.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct Options {
	bool json, sparse;
	unsigned int mib, runs;
	const char *dir, *medium;
};

struct Figures {
	double gcm, sha256; /* bytes per second, best */
	double cpu;         /* seconds per byte, best */
	double wall;        /* seconds, best */
	double cp;          /* seconds of cp and fsync, best */
	double rss;         /* MB, worst */
};

static int null_fd = -1;

ssize_t __real_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n);
ssize_t __wrap_write(int fd, const void *bytes, size_t n)
{
	/* parts; not the few bytes that wake the reader, not the note */
	return __real_write(null_fd >= 0 && n >= 65536 ? null_fd : fd, bytes, n);
}

static void must(bool good, const char *what)
{
	if (good)
		return;
	perror(what);
	exit(1);
}

/* ------------------------------------------------------------------ memory */

static double resident_peak(pid_t pid)
{
	char path[64], line[256];
	double kb = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/%d/status", pid);
	in = fopen(path, "re");
	while (in && fgets(line, sizeof(line), in))
		if (!strncmp(line, "VmHWM:", 6))
			kb = strtod(line + 6, NULL);
	if (in)
		fclose(in);
	return kb * 1024e-6;
}

static double resident_all(pid_t job)
{
	double sum = resident_peak(job);
	char path[96];
	FILE *in;
	int child;

	snprintf(path, sizeof(path), "/proc/%d/task/%d/children", job, job);
	in = fopen(path, "re");
	while (in && fscanf(in, "%d", &child) == 1)
		sum += resident_peak(child);
	if (in)
		fclose(in);
	return sum;
}

/* Looks while the job runs; both are children of the bench. */
static pid_t watch_start(const pid_t *job, double *peak)
{
	pid_t pid = fork();

	must(pid >= 0, "fork");
	if (pid)
		return pid;
	for (;;) {
		double now = *job ? resident_all(*job) : 0;

		*peak = MAX(*peak, now);
		usleep(5000);
	}
}

/* ------------------------------------------------------------------ one run */

static pid_t *shared_job;

static void note_job(struct Rig *r)
{
	(void)r;
	*shared_job = getpid();
}

static double cpu_of_children(void)
{
	struct rusage u;

	getrusage(RUSAGE_CHILDREN, &u);
	return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
	       1e-6 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

static void copy_once(struct Rig *r, const struct Options *o, struct Figures *best, double *peak)
{
	double cpu, size = (double)o->mib * (1 << 20), wall;
	int64_t start;

	best->gcm = MAX(best->gcm, openssl_speed("aes-256-gcm"));
	best->sha256 = MAX(best->sha256, openssl_speed("sha256"));
	must(best->gcm > 0 && best->sha256 > 0, "openssl speed");
	must(rig_shell(r, "rm -rf medium/* medium/.M*") == 0, "rm");
	cpu = cpu_of_children();
	start = clock_boot();
	rig_run(r);
	wall = 1e-3 * (double)(clock_boot() - start);
	cpu = cpu_of_children() - cpu;
	must(r->done.fault == FAULT_OK, fault_row(r->done.fault)->code);
	best->rss = MAX(best->rss, *peak);
	if (best->cpu <= 0 || cpu / size < best->cpu)
		best->cpu = cpu / size;
	if (best->wall <= 0 || wall < best->wall)
		best->wall = wall;
}

static void cp_once(struct Rig *r, struct Figures *best)
{
	int64_t start;
	double wall;

	must(rig_shell(r, "rm -rf medium/* medium/.M*; sync") == 0, "rm");
	start = clock_boot();
	must(rig_shell(r, "cp in/file medium/file && sync medium/file") == 0, "cp");
	wall = 1e-3 * (double)(clock_boot() - start);
	if (best->cp <= 0 || wall < best->cp)
		best->cp = wall;
}

static void stage_make(struct Rig *r, const struct Options *o)
{
	char command[512];

	rig_start(r, JOB_COPY);
	rig_done(r);
	snprintf(r->folder, sizeof(r->folder), "%.40s/mg-bench-XXXXXX", o->dir);
	must(mkdtemp(r->folder), o->dir);
	r->limits = job_limits;
	r->forked = note_job;
	/* a certificate: deriving a key from a password costs once, not per byte */
	snprintf(command, sizeof(command),
	        "mkdir in out && %s%s%s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 "
	        "-nodes "
	        "-keyout in/key -out in/crt -subj /CN=r -days 30 2>in/log && "
	        "%s %uM %s in/file",
	        o->medium ? "ln -s '" : "mkdir medium", o->medium ? o->medium : "",
	        o->medium ? "' medium" : "", o->sparse ? "truncate -s" : "head -c", o->mib,
	        o->sparse ? "" : "/dev/urandom >");
	must(rig_shell(r, command) == 0, "stage");
	rig_add(r, "in/file", "file");
}

static const char *certificate_read(struct Rig *r)
{
	static char pem[2048];
	char path[128];
	FILE *in;

	snprintf(path, sizeof(path), "%s/in/crt", r->folder);
	in = fopen(path, "re");
	must(in && fread(pem, 1, sizeof(pem) - 1, in) > 0, path);
	fclose(in);
	return pem;
}

/* ------------------------------------------------------------------ what came of it */

static void print_table(const struct Figures *f, const struct Options *o, double limit)
{
	printf("a copy job of %u MiB from the page cache to %s, best of %u\n\n", o->mib,
	        o->medium ? o->medium : "/dev/null", o->runs);
	printf("  limit 1/GCM + 2/SHA-256           %8.3f ns/B  %6.2f GB/s\n", 1e9 * limit, 1e-9 / limit);
	printf("  the job, CPU of all its processes %8.3f ns/B  %6.2f GB/s\n", 1e9 * f->cpu, 1e-9 / f->cpu);
	if (!o->medium)
		printf("  CPU to limit                      %8.3f       goal 1.11\n", f->cpu / limit);
	printf("  elapsed                           %8.2f s\n", f->wall);
	if (o->medium) {
		printf("  cp and fsync                      %8.2f s\n", f->cp);
		printf("  elapsed to cp                     %8.3f       goal 1.05\n", f->wall / f->cp);
	}
	printf("  peak memory, all processes        %8.1f MB    goal 16\n", f->rss);
}

static void print_json(const struct Figures *f, const struct Options *o, double limit)
{
	printf("{\"ratios\":{");
	if (o->medium)
		printf("\"copy_to_cp\":%.4f", f->wall / f->cp);
	else
		printf("\"copy_cpu_to_limit\":%.4f", f->cpu / limit);
	printf("},\"figures\":{\"copy_peak_rss_mb\":%.2f,\"copy_gb_per_cpu_second\":%.3f,"
	       "\"limit_gb_per_second\":%.3f,\"copy_seconds\":%.3f",
	        f->rss, 1e-9 / f->cpu, 1e-9 / limit, f->wall);
	if (o->medium)
		printf(",\"cp_seconds\":%.3f", f->cp);
	printf("}}\n");
}

static int options_read(int argc, char **argv, struct Options *ret)
{
	static const struct option LONG[] = {{"json", no_argument, NULL, 'j'},
	        {"mib", required_argument, NULL, 'm'}, {"runs", required_argument, NULL, 'r'},
	        {"dir", required_argument, NULL, 'd'}, {"medium", required_argument, NULL, 't'},
	        {"sparse", no_argument, NULL, 's'}, {}};
	int c;

	while ((c = getopt_long(argc, argv, "", LONG, NULL)) != -1) {
		if (c == 'j')
			ret->json = true;
		else if (c == 's')
			ret->sparse = true;
		else if (c == 'm')
			ret->mib = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'r')
			ret->runs = (unsigned int)strtoul(optarg, NULL, 10);
		else if (c == 'd')
			ret->dir = optarg;
		else if (c == 't')
			ret->medium = optarg;
		else
			return -EINVAL;
	}
	return ret->mib > 0 && ret->runs > 0 && optind == argc ? 0 : -EINVAL;
}

int main(int argc, char **argv)
{
	struct Options o = {.mib = 1024, .runs = 5, .dir = "/var/tmp"};
	static struct Rig r;
	struct Figures best = {};
	double *peak, limit;
	pid_t watcher;

	if (options_read(argc, argv, &o)) {
		fputs("usage: bench_copy_job [--json] [--mib N] [--runs N] [--dir DIR] [--medium DIR] "
		      "[--sparse]\n",
		        stderr);
		return 2;
	}
	shared_job = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(shared_job != MAP_FAILED, "mmap");
	peak = (double *)(shared_job + 2);
	stage_make(&r, &o);
	r.pem[0] = certificate_read(&r);
	if (!o.medium)
		null_fd = open("/dev/null", O_WRONLY | O_CLOEXEC);
	watcher = watch_start(shared_job, peak);
	for (unsigned int i = 0; i < o.runs; i++) {
		copy_once(&r, &o, &best, peak);
		if (o.medium)
			cp_once(&r, &best);
	}
	kill(watcher, SIGKILL);
	waitpid(watcher, NULL, 0);
	must(rig_shell(&r, "rm -rf in out medium/* medium/.M* && rm -rf medium") == 0 && !rmdir(r.folder),
	        "rm");
	limit = 1 / best.gcm + 2 / best.sha256;
	if (o.json)
		print_json(&best, &o, limit);
	else
		print_table(&best, &o, limit);
	return 0;
}
