/* halbd: options, the check of a configuration, going into the background. */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "conf.h"
#include "conf_test.h"
#include "log.h"
#include "proc.h"

#define DEFAULT_CONF "/etc/keepalived/keepalived.conf"

/* Exit codes: keepalived's where it has one. */
#define EXIT_USAGE   64
#define EXIT_CONF    2
#define EXIT_NO_CONF 6

enum {
	OPT_ALL = 256,
	OPT_IGNORED,
	OPT_IGNORED_ARG,
	OPT_EFFECTIVE,
	OPT_KINDS,
	OPT_SIGNUM,
	OPT_KEYWORDS,
};

struct options {
	struct proc_opts proc;
	bool test, foreground, to_console;
	unsigned int test_flags; /* CONF_TEST_… */
	const char *test_log, *netns;
};

static const struct option longs[] = {
	{ "use-file", required_argument, NULL, 'f' },
	{ "vrrp", no_argument, NULL, 'P' },
	{ "check", no_argument, NULL, 'C' },
	{ "log-console", no_argument, NULL, 'l' },
	{ "log-detail", no_argument, NULL, 'D' },
	{ "dont-respawn", no_argument, NULL, 'R' },
	{ "dont-fork", no_argument, NULL, 'n' },
	{ "pid", required_argument, NULL, 'p' },
	{ "vrrp_pid", required_argument, NULL, 'r' },
	{ "checkers_pid", required_argument, NULL, 'c' },
	{ "namespace", required_argument, NULL, 's' },
	{ "config-test", optional_argument, NULL, 't' },
	{ "config-id", required_argument, NULL, 'i' },
	{ "effective", no_argument, NULL, OPT_EFFECTIVE },
	{ "kinds", no_argument, NULL, OPT_KINDS },
	{ "signum", required_argument, NULL, OPT_SIGNUM },
	{ "keywords", no_argument, NULL, OPT_KEYWORDS },
	{ "version", no_argument, NULL, 'v' },
	{ "help", no_argument, NULL, 'h' },
	/* keepalived's that change nothing here */
	{ "all", no_argument, NULL, OPT_IGNORED },
	{ "no_bfd", no_argument, NULL, 'B' },
	{ "bfd_pid", required_argument, NULL, 'b' },
	{ "log-facility", required_argument, NULL, 'S' },
	{ "no-syslog", no_argument, NULL, 'G' },
	{ "umask", required_argument, NULL, 'u' },
	{ "dump-conf", no_argument, NULL, 'd' },
	{ "address-monitoring", no_argument, NULL, 'a' },
	{ "no-mem-check", no_argument, NULL, OPT_IGNORED },
	{ NULL, 0, NULL, 0 },
};

static const char help[] =
	"usage: halbd [-nlDPCR] [-f FILE] [-p FILE] [-r FILE] [-c FILE] [-s NETNS]\n"
	"       halbd -t [--effective] [-f FILE] [-i NAME]\n"
	"       halbd --keywords\n"
	"\n"
	"Keeps virtual addresses on one of several machines (VRRP) and looks after\n"
	"virtual servers (IPVS), as keepalived.conf says.\n"
	"\n"
	"  -f, --use-file=FILE      the configuration (" DEFAULT_CONF ")\n"
	"  -t, --config-test[=LOG]  only check it; exit 0, 4, 5 or 6 as keepalived does\n"
	"      --effective          with -t: print the configuration as it will act\n"
	"      --kinds              with -t: before each message, the line that keepalived\n"
	"                           would name, and its kind\n"
	"      --keywords           list the words of the configuration: block, word, whether\n"
	"                           it works, or is safe or unsafe to ignore\n"
	"  -i, --config-id=NAME     read the lines that begin with @NAME too\n"
	"  -n, --dont-fork          stay in the foreground\n"
	"  -l, --log-console        log to standard error, not to syslog\n"
	"  -D, --log-detail         log more\n"
	"  -P, --vrrp               only VRRP\n"
	"  -C, --check              only virtual servers\n"
	"  -R, --dont-respawn       end when one of the processes does\n"
	"  -p, --pid=FILE           pid file (/run/halbd.pid)\n"
	"  -r, --vrrp_pid=FILE      … of the VRRP process (/run/halbd_vrrp.pid)\n"
	"  -c, --checkers_pid=FILE  … of the IPVS process (/run/halbd_checkers.pid)\n"
	"  -s, --namespace=NAME     in the network namespace /run/netns/NAME\n"
	"      --signum=WHAT        print the signal for STOP, RELOAD, DATA, STATS,\n"
	"                           STATS_CLEAR (counters from 0) or JSON\n"
	"  -v, --version            show the version\n"
	"  -h, --help               show this\n"
	"\n"
	"SIGHUP reads the configuration again, SIGUSR1 writes the present state beside\n"
	"the pid file (halbd.data, halbd.json), SIGTERM gives everything up and ends.\n";

static int print_signal(const char *what)
{
	int n = proc_signal(what);

	if (!n) {
		fprintf(stderr, "halbd: no signal does '%s'\n", what);
		return 1;
	}
	printf("%d\n", n);
	return 0;
}

static void set_option(struct options *o, int c)
{
	switch (c) {
	case 'f':
		o->proc.conf_path = optarg;
		break;
	case 'P':
		o->proc.no_checkers = true;
		break;
	case 'C':
		o->proc.no_vrrp = true;
		break;
	case 'l':
		o->to_console = true;
		break;
	case 'D':
		o->proc.log_level = LOG_LVL_DEBUG;
		break;
	case 'R':
		o->proc.respawn = false;
		break;
	case 'n':
		o->foreground = true;
		break;
	case 'p':
		o->proc.pid_path = optarg;
		break;
	case 'r':
		o->proc.vrrp_pid_path = optarg;
		break;
	case 'c':
		o->proc.checkers_pid_path = optarg;
		break;
	case 's':
		o->netns = optarg;
		break;
	case 't':
		o->test = true;
		o->test_log = optarg;
		break;
	case OPT_EFFECTIVE:
		o->test_flags |= CONF_TEST_EFFECTIVE;
		break;
	case OPT_SIGNUM:
		exit(print_signal(optarg));
	case OPT_KINDS:
		o->test_flags |= CONF_TEST_KINDS;
		break;
	case 'i':
		conf_set_id(optarg);
		break;
	case OPT_KEYWORDS:
		conf_print_keywords(stdout);
		exit(fflush(stdout) ? EXIT_FAILURE : EXIT_SUCCESS);
	case 'v':
		printf("halbd %s\n", HALB_VERSION);
		exit(EXIT_SUCCESS);
	case 'h':
		fputs(help, stdout);
		exit(EXIT_SUCCESS);
	case '?':
		fputs("halbd: see halbd --help\n", stderr);
		exit(EXIT_USAGE);
	}
}

static void read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "f:PClDRnp:r:c:s:t::i:vhBb:S:Gu:daXVI", longs, NULL)) !=
	       -1)
		set_option(o, c);
	if (optind < argc) {
		fprintf(stderr, "halbd: unexpected '%s'; see halbd --help\n", argv[optind]);
		exit(EXIT_USAGE);
	}
}

/* -t: keepalived's exit code, and everything there is to say. */
static int test(const struct options *o)
{
	FILE *out = stderr;
	int status;

	if (o->test_log) {
		out = fopen(o->test_log, "we");
		if (!out)
			fatal(EXIT_USAGE, "cannot write %s", o->test_log);
	}
	status = conf_test(o->proc.conf_path, out, o->test_flags);
	if (out != stderr)
		fclose(out);
	return status;
}

static void enter_netns(const char *name)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || setns(fd, CLONE_NEWNET) < 0)
		fatal(1, "cannot enter %s", path);
	close(fd);
}

/* The caller of the engine gets its prompt back; the engine has no terminal. */
static void into_background(void)
{
	int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	pid_t pid = fork();

	if (fd < 0 || pid < 0)
		fatal(1, "cannot go into the background");
	if (pid > 0)
		_exit(0);
	if (setsid() < 0 || chdir("/") < 0 || dup2(fd, 0) < 0 || dup2(fd, 1) < 0 ||
	    dup2(fd, 2) < 0)
		fatal(1, "cannot go into the background");
	close(fd);
}

int main(int argc, char **argv)
{
	struct options o = { .proc = { .conf_path = DEFAULT_CONF,
				       .pid_path = "/run/halbd.pid",
				       .vrrp_pid_path = "/run/halbd_vrrp.pid",
				       .checkers_pid_path = "/run/halbd_checkers.pid",
				       .respawn = true,
				       .log_level = LOG_LVL_INFO,
				       .log_flags = LOG_STAMP } };
	enum conf_status status = CONF_OK;
	struct conf *c;
	int pid_fd, r;

	log_init("halbd", LOG_LVL_INFO, LOG_TO_STDERR);
	read_options(&o, argc, argv);
	if (o.test)
		return test(&o);
	if (o.netns)
		enter_netns(o.netns);
	if (access(o.proc.conf_path, R_OK) < 0)
		fatal(EXIT_NO_CONF, "%s", o.proc.conf_path);
	c = conf_load(o.proc.conf_path, stderr, &status);
	if (!c)
		fatalx(EXIT_CONF, "%s cannot be used", o.proc.conf_path);
	log_init("halbd", o.proc.log_level,
		 o.to_console ? LOG_TO_STDERR | LOG_STAMP : LOG_TO_SYSLOG);
	if (!o.foreground)
		into_background();
	umask(022);
	pid_fd = proc_pid_file(o.proc.pid_path);
	if (pid_fd == -EWOULDBLOCK)
		fatalx(1, "%s: another halbd runs already", o.proc.pid_path);
	if (pid_fd < 0) {
		errno = -pid_fd;
		fatal(1, "cannot write %s", o.proc.pid_path);
	}
	r = proc_run(c, &o.proc);
	unlink(o.proc.pid_path);
	close(pid_fd);
	log_info("stopped");
	return r;
}
