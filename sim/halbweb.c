/* halbweb: the backend that runs in web1, web2, … */
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "web.h"

#define MAX_PORTS 64
#define CONTROL	  "/run/halbweb.sock"

static const char usage[] =
	"usage: halbweb [-p PORT [-b BODY]]... [-u PORT]... [-C SOCKET]\n"
	"\n"
	"  -p, --port PORT      serve HTTP there (default 8080)\n"
	"  -b, --body TEXT      what the port before it answers (default 'halbweb')\n"
	"  -u, --udp PORT       echo datagrams there\n"
	"  -C, --control PATH   take commands (hang, slow MS, error CODE, dead, heal)\n"
	"                       on this socket; in a node of halbsim " CONTROL "\n"
	"  -h, --help           this text\n"
	"  -V, --version        the version\n"
	"\n"
	"GET / answers with the body, GET /stream?bytes=N with so many bytes.\n"
	"SIGTERM finishes what is under way and exits 0.\n";

static const struct option longopts[] = {
	{ "port", required_argument, NULL, 'p' },
	{ "body", required_argument, NULL, 'b' },
	{ "udp", required_argument, NULL, 'u' },
	{ "control", required_argument, NULL, 'C' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ 0 },
};

struct options {
	struct {
		int port;
		const char *body;
	} tcp[MAX_PORTS];
	int udp[MAX_PORTS];
	size_t ntcp, nudp;
	const char *control;
};

static int port_number(const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > 65535)
		fatalx(64, "a port is 1-65535, got '%s'", text);
	return (int)n;
}

static void read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "p:b:u:C:hV", longopts, NULL)) != -1) {
		if ((c == 'p' && o->ntcp == MAX_PORTS) ||
		    (c == 'u' && o->nudp == MAX_PORTS))
			fatalx(64, "more than %d ports", MAX_PORTS);
		switch (c) {
		case 'p':
			o->tcp[o->ntcp].port = port_number(optarg);
			o->tcp[o->ntcp++].body = "halbweb";
			break;
		case 'b':
			if (!o->ntcp)
				fatalx(64, "--body belongs to the --port before it");
			o->tcp[o->ntcp - 1].body = optarg;
			break;
		case 'u':
			o->udp[o->nudp++] = port_number(optarg);
			break;
		case 'C':
			o->control = optarg;
			break;
		case 'h':
			fputs(usage, stdout);
			exit(0);
		case 'V':
			puts("halbweb " HALB_VERSION);
			exit(0);
		default:
			fputs(usage, stderr);
			exit(64);
		}
	}
	if (optind < argc)
		fatalx(64, "unexpected '%s'", argv[optind]);
	if (!o->ntcp && !o->nudp)
		o->tcp[o->ntcp++].port = 8080, o->tcp[0].body = "halbweb";
	if (!o->control && getenv("HALBSIM_NODE"))
		o->control = CONTROL;
}

static void on_signal(int signo, void *arg)
{
	(void)signo;
	web_stop(arg);
}

static void start(struct web *w, const struct options *o)
{
	size_t i;
	int r;

	/* TCP last: whoever finds a port open may send commands and datagrams. */
	r = o->control ? web_control(w, o->control) : 0;
	if (r < 0)
		fatalx(70, "%s: %s", o->control, strerror(-r));
	for (i = 0; i < o->nudp; i++) {
		r = web_echo(w, o->udp[i]);
		if (r < 0)
			fatalx(70, "UDP port %d: %s", o->udp[i], strerror(-r));
	}
	for (i = 0; i < o->ntcp; i++) {
		r = web_listen(w, o->tcp[i].port, o->tcp[i].body);
		if (r < 0)
			fatalx(70, "port %d: %s", o->tcp[i].port, strerror(-r));
	}
}

int main(int argc, char **argv)
{
	struct options o = { 0 };
	struct loop *l;
	struct web *w;
	sigset_t set;
	int r;

	log_init("halbweb", LOG_LVL_INFO, LOG_TO_STDERR);
	read_options(&o, argc, argv);
	l = loop_new();
	w = l ? web_new(l) : NULL;
	if (!w)
		fatal(70, "start");
	start(w, &o);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGQUIT);
	r = loop_signals(l, &set, on_signal, w);
	if (r == 0)
		r = loop_run(l);
	if (r < 0)
		log_warnx("%s", strerror(-r));
	web_free(w);
	loop_free(l);
	return r < 0 ? 70 : 0;
}
