/* halbsim check: read and explain, without running anything. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../engine/conf.h"
#include "block.h"
#include "case.h"
#include "cmd.h"
#include "host_limits.h"
#include "lint.h"
#include "log.h"
#include "paths.h"
#include "predict.h"
#include "report.h"
#include "run.h"
#include "siteconf.h"
#include "span.h"
#include "topology.h"
#include "trigger.h"
#include "words.h"

#define MAX_DIRECTORS 32
#define MAX_ROUTERS   255

struct check {
	struct style s;
	size_t findings;
	int time; /* 1: real, in this host's kernel */
};

static void title(const struct check *ck, const char *text)
{
	printf("\n%s%s%s\n", style_on(&ck->s, "\033[1m"), text, style_off(&ck->s));
}

static void range(char *buf, size_t size, struct span_range r)
{
	char a[SPAN_LEN], b[SPAN_LEN];

	snprintf(buf, size, "%s to %s", span_text(a, r.lo_ns), span_text(b, r.hi_ns));
}

static void fact(const char *what, const char *value)
{
	printf("    %-51s %s\n", what, value);
}

/* The one that took over is lost as well, and so on, until one is left. */
static void later_takeovers(const struct vrrp_pair *first, const struct director *d,
			    size_t n)
{
	struct vrrp_pair p = *first;
	char what[160], value[128], a[SPAN_LEN];

	while (predict_next(d, n, &p, &p) && p.backup) {
		snprintf(what, sizeof(what), "then %s too: %s, priority %d, is master after",
			 p.master_at->name, p.backup_at->name, p.backup->priority);
		range(value, sizeof(value), predict_crash(p.backup));
		fact(what, value);
		snprintf(what, sizeof(what), "or %s's engine is stopped then:",
			 p.master_at->name);
		fact(what, span_text(a, predict_stop(p.backup)));
	}
}

static void router(const struct vrrp_pair *p, const struct director *d, size_t n)
{
	char what[160], value[128], a[SPAN_LEN];
	int64_t back;

	printf("  VRID %d (%s): %s, priority %d", p->vrid, p->master->name,
	       p->master_at->name, p->master->priority);
	if (!p->backup) {
		puts("; nobody takes over");
		return;
	}
	printf("; then %s, priority %d\n", p->backup_at->name, p->backup->priority);
	snprintf(what, sizeof(what), "%s loses power: %s is master after", p->master_at->name,
		 p->backup_at->name);
	range(value, sizeof(value), predict_crash(p->backup));
	fact(what, value);
	snprintf(what, sizeof(what), "%s's engine is killed: %s is master too after",
		 p->master_at->name, p->backup_at->name);
	fact(what, value);
	fact("cut off from each other: both are master after", value);
	snprintf(what, sizeof(what), "%s's engine is stopped:", p->master_at->name);
	fact(what, span_text(a, predict_stop(p->backup)));
	back = predict_return(p->master);
	snprintf(what, sizeof(what), "%s's engine is started again:", p->master_at->name);
	fact(what, back < 0 ? "it does not preempt" : span_text(a, back));
	later_takeovers(p, d, n);
}

static bool checkers_equal(const struct checker_conf *a, const struct checker_conf *b)
{
	return a->type == b->type && a->delay_loop_ns == b->delay_loop_ns &&
	       a->connect_timeout_ns == b->connect_timeout_ns && a->retry == b->retry &&
	       a->delay_before_retry_ns == b->delay_before_retry_ns;
}

static void real_server(const struct lvs_real_conf *r, const char *name)
{
	const struct checker_conf *k = &r->checker[0];
	char value[128];

	printf("   %s\n", name);
	range(value, sizeof(value), predict_removal(k, false));
	fact("refuses connections: out of the table after", value);
	range(value, sizeof(value), predict_removal(k, true));
	fact("silent: out of the table after", value);
	range(value, sizeof(value), predict_removal(k, true));
	fact("takes connections, never answers:",
	     predict_notices_answers(k) ? value : "never, TCP_CHECK only connects");
	range(value, sizeof(value), predict_removal(k, false));
	fact("answers with errors:",
	     predict_notices_answers(k) ? value : "never, TCP_CHECK only connects");
	range(value, sizeof(value), predict_readmission(k));
	fact("well again: back after", value);
}

/* Real servers with equal checks are said once. */
static void service(const struct lvs_service_conf *s)
{
	char name[80], real[512], one[64];
	size_t i, k;

	siteconf_service_text(s, name, sizeof(name));
	printf("  %s (%s, %s)\n", name, s->scheduler ? s->scheduler : "wlc",
	       s->forward == LVS_DR  ? "DR" :
	       s->forward == LVS_NAT ? "NAT" :
				       "TUN");
	for (i = 0; i < s->nreal; i++) {
		if (!s->real[i].nchecker || s->real[i].checker[0].type > CHECK_SSL)
			continue;
		for (k = 0; k < i; k++)
			if (s->real[k].nchecker && checkers_equal(&s->real[k].checker[0],
								  &s->real[i].checker[0]))
				break;
		if (k < i)
			continue;
		real[0] = '\0';
		for (k = i; k < s->nreal; k++) {
			if (!s->real[k].nchecker || !checkers_equal(&s->real[k].checker[0],
								    &s->real[i].checker[0]))
				continue;
			siteconf_real_text(&s->real[k], one, sizeof(one));
			if (strlen(real) + strlen(one) + 8 > 80) {
				strcat(real, " …");
				break;
			}
			strcat(strcat(real, " "), one);
		}
		real_server(&s->real[i], real);
	}
}

static void explain(struct check *ck, const struct director *d, size_t n,
		    const struct topology *topo)
{
	struct vrrp_pair pairs[MAX_ROUTERS];
	struct findings f;
	size_t i, k, npairs;

	title(ck, "Predicted from the configuration");
	npairs = predict_pairs(d, n, pairs, MAX_ROUTERS);
	for (i = 0; i < npairs; i++)
		router(&pairs[i], d, n);
	for (i = 0; i < (n ? d[0].conf->nservice : 0); i++)
		service(&d[0].conf->service[i]);
	lint_site(&f, d, n, topo);
	if (f.n)
		title(ck, "Worth knowing");
	for (i = 0; i < f.n; i++) {
		/* The same words about two files are said once, with both places. */
		for (k = 0; k < i; k++)
			if (!strcmp(f.v[k].text, f.v[i].text))
				break;
		if (k < i)
			continue;
		ck->findings++;
		printf("  %s:%d", f.v[i].file, f.v[i].line);
		for (k = i + 1; k < f.n; k++)
			if (!strcmp(f.v[k].text, f.v[i].text))
				printf("\n  %s:%d", f.v[k].file, f.v[k].line);
		putchar('\n');
		printf("      ");
		text_wrap(stdout, f.v[i].text, 6);
	}
	findings_finish(&f);
}

/* What the reader says about a file, once more, this time for the user. */
static struct conf *load_conf(const char *path, const char *text,
			      const struct topo_node *node, int *status)
{
	struct conf *c = siteconf_read(path, text, node, stdout, status);

	if (!c)
		printf("%s: keepalived would not start with this\n", path);
	return c;
}

static void steps(const struct case_ *c)
{
	static const char *const bases[] = { [WHEN_SETTLED] = "settled +",
					     [WHEN_PREVIOUS] = "        +",
					     [WHEN_START] = "start   +",
					     [WHEN_EVENT] = "        +" };
	size_t i;
	char a[SPAN_LEN];

	for (i = 0; i < c->nstep; i++) {
		const struct step *s = &c->step[i];

		if (s->when)
			printf("  %s%s%s\n", s->when->text,
			       strstr(s->when->text, " within ") ? "" : " within ",
			       strstr(s->when->text, " within ") ?
				       "" :
				       span_text(a, s->when->limit_ns));
		printf("  %s%-12s %s\n", bases[s->base], span_text(a, s->offset_ns),
		       s->text);
	}
}

/* What this host has too little of for such a site. */
static void this_host(const struct check *ck, const struct topology *t)
{
	struct limit_finding f[NLIMITS];
	char text[LIMIT_TEXT], cmd[LIMIT_TEXT], line[LIMIT_TEXT + 32];
	size_t i, n;

	if (!ck->time)
		return;
	title(ck, "In real time on this host");
	n = limits_look(t, f);
	if (!n)
		puts("  Its limits are large enough for this site (halbsim doctor has the rest).");
	for (i = 0; i < n; i++) {
		limit_text(&f[i], text, sizeof(text));
		snprintf(line, sizeof(line), "%s: %s",
			 f[i].fatal ? "it cannot work" : "it may be disturbed", text);
		printf("  ");
		text_wrap(stdout, line, 6);
		if (limit_command(&f[i], cmd, sizeof(cmd)))
			printf("      %s\n", cmd);
	}
}

static int check_case(struct check *ck, const char *path)
{
	struct block_diag diag = { .out = stdout };
	struct director d[MAX_DIRECTORS];
	char *root = data_root_for(path);
	int status;
	struct case_ *c;
	size_t i, n = 0;

	if (!root) {
		log_warnx("no topologies/ here nor beside halbsim: run it where they are");
		return EXIT_USAGE_ERROR;
	}
	c = case_load(path, root, &diag);
	free(root);
	if (!c)
		return EXIT_USAGE_ERROR;
	printf("%s%s%s: %s\n", style_on(&ck->s, "\033[1m"), c->name, style_off(&ck->s),
	       c->about ? c->about : "");
	printf("  topology %s: %s\n", c->topo->name, c->topo->about ? c->topo->about : "");
	steps(c);
	for (i = 0; i < c->siteconf->n && n < MAX_DIRECTORS; i++) {
		const struct siteconf_node *sn = &c->siteconf->v[i];

		d[n++] = (struct director){ .name = sn->node->name,
					    .path = sn->path,
					    .conf = sn->conf };
		/* siteconf read it in silence */
		conf_free(load_conf(sn->path, sn->text, sn->node, &status));
	}
	explain(ck, d, n, c->topo);
	this_host(ck, c->topo);
	case_free(c);
	return EXIT_HELD;
}

static int check_topology(const struct check *ck, const char *dir)
{
	struct block_diag diag = { .out = stdout };
	struct topology *t = topology_load(dir, &diag);

	if (!t)
		return EXIT_USAGE_ERROR;
	printf("%s%s%s: %s\n  %zu nodes, %zu link%s\n", style_on(&ck->s, "\033[1m"), t->name,
	       style_off(&ck->s), t->about ? t->about : "", t->nnode, t->nlink,
	       t->nlink == 1 ? "" : "s");
	this_host(ck, t);
	topology_free(t);
	return EXIT_HELD;
}

/* All keepalived.conf files of one command are one site. */
static int check_confs(struct check *ck, char **path, size_t n)
{
	struct director d[MAX_DIRECTORS];
	struct conf *c[MAX_DIRECTORS] = { NULL };
	int status;
	int r = EXIT_HELD;
	size_t i, k = 0;

	for (i = 0; i < n && k < MAX_DIRECTORS; i++) {
		if (!path_is_file(path[i])) {
			log_warnx("%s: no such file", path[i]);
			r = EXIT_USAGE_ERROR;
			continue;
		}
		c[k] = load_conf(path[i], NULL, NULL, &status);
		if (!c[k]) {
			r = EXIT_USAGE_ERROR;
			continue;
		}
		printf("%s: keepalived -t would exit with %d\n", path[i], status);
		d[k] = (struct director){ .name = path[i], .path = path[i], .conf = c[k] };
		k++;
	}
	if (k)
		explain(ck, d, k, NULL);
	while (k)
		conf_free(c[--k]);
	return r;
}

static const char *const times[] = { "virtual", "real", NULL };

enum kind { KIND_CASE, KIND_TOPOLOGY, KIND_CONF };

static enum kind kind_of(const char *arg)
{
	const char *base = path_base(arg);
	char *topo, *conf;
	enum kind kind = KIND_CASE;

	if (path_is_file(arg)) {
		if (!strcmp(base, "case.conf"))
			return KIND_CASE;
		return strcmp(base, "topology.conf") ? KIND_CONF : KIND_TOPOLOGY;
	}
	topo = path_join(arg, "topology.conf");
	conf = path_join(arg, "case.conf");
	if (topo && conf && path_is_file(topo) && !path_is_file(conf))
		kind = KIND_TOPOLOGY;
	free(topo);
	free(conf);
	return kind;
}

static char *folder_of(const char *arg)
{
	char *copy = strdup(arg), *slash = copy ? strrchr(copy, '/') : NULL;

	if (!copy || path_is_dir(arg))
		return copy;
	if (slash) {
		*slash = '\0';
		return copy;
	}
	free(copy);
	return strdup(".");
}

static int main_(const struct verb *v, int argc, char **argv)
{
	struct check ck = { 0 };
	char **confs;
	size_t nconf = 0;
	bool words = false;
	const struct opt opt[] = {
		{ "words", 'w', OPT_FLAG, &words, NULL,
		  "every word that cases and topologies may have, a line each", 0, 0, NULL },
		{ "time", 't', OPT_CHOICE, &ck.time, "KIND",
		  "virtual (default); real: also which of this host's limits are too small", 0, 0,
		  times },
	};
	int r, i;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (words && argc)
		return opts_usage_error(v, "--words takes no file");
	if (words) {
		words_print(stdout);
		return EXIT_HELD;
	}
	if (!argc)
		return opts_usage_error(v, "which case or file?");
	confs = calloc((size_t)argc, sizeof(*confs));
	if (!confs)
		return EXIT_SOFTWARE;
	ck.s = style_for(stdout);
	r = EXIT_HELD;
	for (i = 0; i < argc; i++) {
		char *dir;

		switch (kind_of(argv[i])) {
		case KIND_CONF:
			confs[nconf++] = argv[i];
			break;
		case KIND_TOPOLOGY:
			dir = folder_of(argv[i]);
			r = exit_worst(r, dir ? check_topology(&ck, dir) : EXIT_SOFTWARE);
			free(dir);
			break;
		case KIND_CASE:
			r = exit_worst(r, check_case(&ck, argv[i]));
			break;
		}
	}
	if (nconf)
		r = exit_worst(r, check_confs(&ck, confs, nconf));
	free(confs);
	return r;
}

static const char about[] =
	"CASE is a folder with a case.conf, the file itself, or a name under cases/. FILE\n"
	"may be a topology.conf or a keepalived.conf; several of those are taken for the\n"
	"directors of one site and held against each other.\n"
	"\n"
	"Says what is wrong (file:line:column), what keepalived would make of it, how long\n"
	"a failover will take by the configuration alone, and what is worth knowing. Needs\n"
	"no root and starts nothing.\n"
	"\n"
	"Exit: 0 when it can be run, whatever there is to say about it; 64 when not.";

const struct verb verb_check = {
	.name = "check",
	.args = "CASE|FILE…",
	.summary = "read and explain without running; the predicted failover",
	.about = about,
	.run = main_,
};
