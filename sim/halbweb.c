/* halbweb: the backend that runs in web1, web2, … */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "log.h"
#include "loop.h"
#include "web.h"

#define MAX_PORTS 64
#define MAX_PAGES 256
#define CONTROL	  "/run/halbweb.sock"

static const char usage[] =
	"usage: halbweb [-p PORT [-b BODY] [-P PATH[=STATUS]]... [-s]]... [-u PORT]...\n"
	"               [-C SOCKET]\n"
	"\n"
	"  -p, --port PORT      serve HTTP there (default 8080)\n"
	"  -b, --body TEXT      what the port before it answers (default 'halbweb')\n"
	"  -P, --page PATH[=STATUS]  another path that it answers: with the body, or\n"
	"                       with this status\n"
	"  -s, --tls            it speaks TLS, too, to those who begin so (halbweb-tls)\n"
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
	{ "page", required_argument, NULL, 'P' },
	{ "tls", no_argument, NULL, 's' },
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
		bool tls;
	} tcp[MAX_PORTS];
	struct {
		size_t of; /* in tcp */
		char *path;
		int status;
	} page[MAX_PAGES];
	size_t npage;
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

/* "/health", "/health=204" */
static void take_page(struct options *o, char *text)
{
	char *status = strrchr(text, '='), *end = NULL;
	long n = 200;

	if (!o->ntcp)
		fatalx(64, "--page belongs to the --port before it");
	if (o->npage == MAX_PAGES)
		fatalx(64, "more than %d pages", MAX_PAGES);
	if (status) {
		*status = '\0';
		n = strtol(status + 1, &end, 10);
		if (end == status + 1 || *end || n < 200 || n > 599)
			fatalx(64, "a status is 200-599, got '%s'", status + 1);
	}
	if (*text != '/')
		fatalx(64, "a path begins with '/', got '%s'", text);
	o->page[o->npage].of = o->ntcp - 1;
	o->page[o->npage].path = text;
	o->page[o->npage++].status = (int)n;
}

static void read_options(struct options *o, int argc, char **argv)
{
	int c;

	while ((c = getopt_long(argc, argv, "p:b:P:su:C:hV", longopts, NULL)) != -1) {
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
		case 'P':
			take_page(o, optarg);
			break;
		case 's':
			if (!o->ntcp)
				fatalx(64, "--tls belongs to the --port before it");
			o->tcp[o->ntcp - 1].tls = true;
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

/* Port number `i` of the options, with all that belongs to it. */
static void open_port(struct web *w, const struct options *o, size_t i)
{
	int r = web_listen(w, o->tcp[i].port, o->tcp[i].body);
	size_t k;

	for (k = 0; r == 0 && k < o->npage; k++)
		if (o->page[k].of == i)
			r = web_page(w, o->page[k].path, o->page[k].status);
	if (r < 0)
		fatalx(70, "port %d: %s", o->tcp[i].port, strerror(-r));
	r = o->tcp[i].tls ? web_tls_on(w) : 0;
	if (r == -ENOTSUP)
		fatalx(64, "there is no TLS in this program; halbweb-tls has it");
	if (r < 0)
		fatalx(70, "port %d: TLS: %s", o->tcp[i].port, strerror(-r));
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
	for (i = 0; i < o->ntcp; i++)
		open_port(w, o, i);
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
