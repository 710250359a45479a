/*
 * For developers: any command in the guest.
 *
 * The guest always runs `halbsim ARGV…`; `halbsim guest-exec --inside CMD…`
 * there replaces itself with the command.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "guest.h"
#include "log.h"

#define ARGS_MAX 100

static const char usage_text[] =
	"usage: halbsim guest-exec [OPTION]... [--] COMMAND [ARGUMENT]...\n"
	"Run a command in the virtual-time guest (kernel IPVS, netem, namespaces).\n"
	"\n"
	"  --in DIR         its tree becomes /in\n"
	"  --out DIR        filled with what the command leaves in /out\n"
	"  --seed N         seed of everything random in the guest (1)\n"
	"  --kernel FILE    another kernel; --modules DIR its modules\n"
	"  --program FILE   one more host program to take along (repeatable)\n"
	"  --limit SECONDS  of wall time, then it is killed (600)\n"
	"  --memory MIB     of the guest (512)\n"
	"  --cold           boot, without a saved guest\n";

enum { OPT_IN = 256, OPT_OUT, OPT_SEED, OPT_KERNEL, OPT_MODULES, OPT_PROGRAM, OPT_LIMIT,
       OPT_MEMORY, OPT_COLD, OPT_INSIDE, OPT_HELP };

static const struct option options[] = {
	{ "in", required_argument, NULL, OPT_IN },
	{ "out", required_argument, NULL, OPT_OUT },
	{ "seed", required_argument, NULL, OPT_SEED },
	{ "kernel", required_argument, NULL, OPT_KERNEL },
	{ "modules", required_argument, NULL, OPT_MODULES },
	{ "program", required_argument, NULL, OPT_PROGRAM },
	{ "limit", required_argument, NULL, OPT_LIMIT },
	{ "memory", required_argument, NULL, OPT_MEMORY },
	{ "cold", no_argument, NULL, OPT_COLD },
	{ "inside", no_argument, NULL, OPT_INSIDE },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

static int inside(char **argv)
{
	execvp(argv[0], argv);
	log_warn("%s", argv[0]);
	return 127;
}

static bool number(const char *text, uint64_t max, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(text, &end, 0);
	if (errno || end == text || *end || *text == '-' || *out > max) {
		log_warnx("'%s' is not a number in 0-%llu", text,
			  (unsigned long long)max);
		return false;
	}
	return true;
}

static int exit_code(int ret)
{
	if (ret >= 0)
		return ret;
	if (ret == -ENOENT)
		return 4;
	return ret == -ETIMEDOUT || ret == -EIO ? 2 : 70;
}

int guest_exec_main(int argc, char **argv)
{
	struct guest_opts o = { .seed = 1, .console_fd = STDOUT_FILENO };
	const char *programs[ARGS_MAX] = { NULL }, *in = NULL, *out = NULL;
	const char *args[ARGS_MAX + 4] = { "guest-exec", "--inside", "--" };
	size_t nprogram = 0;
	uint64_t n;
	int c, i;

	optind = 1;
	while ((c = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (c) {
		case OPT_IN:
			in = optarg;
			break;
		case OPT_OUT:
			out = optarg;
			break;
		case OPT_SEED:
			if (!number(optarg, UINT64_MAX, &o.seed))
				return 64;
			break;
		case OPT_KERNEL:
			o.kernel = optarg;
			break;
		case OPT_MODULES:
			o.modules = optarg;
			break;
		case OPT_PROGRAM:
			if (nprogram < ARGS_MAX - 1)
				programs[nprogram++] = optarg;
			break;
		case OPT_LIMIT:
			if (!number(optarg, 1000000, &n))
				return 64;
			o.wall_limit_ns = (int64_t)n * NS_PER_S;
			break;
		case OPT_MEMORY:
			if (!number(optarg, 65536, &n))
				return 64;
			o.memory_mib = (unsigned int)n;
			break;
		case OPT_COLD:
			o.cold = true;
			break;
		case OPT_INSIDE:
			return inside(argv + optind + 1);
		case OPT_HELP:
			fputs(usage_text, stdout);
			return 0;
		default:
			fputs(usage_text, stderr);
			return 64;
		}
	}
	if (optind >= argc || argc - optind > ARGS_MAX) {
		fputs(usage_text, stderr);
		return 64;
	}
	for (i = optind; i < argc; i++)
		args[3 + i - optind] = argv[i];
	o.programs = nprogram ? programs : NULL;
	return exit_code(guest_run(&o, in, args, out));
}
