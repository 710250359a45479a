/* The traffic blocks of a case. */
#include "case_read.h"

#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "block.h"
#include "clock.h"
#include "endpoint.h"
#include "log.h"
#include "run.h"
#include "siteconf.h"

#define DEFAULT_RATE	   100
#define DEFAULT_TIMEOUT_NS NS_PER_S

/* Requests under way at once: each is a descriptor of the harness. */
#define OUTSTANDING_MAX 50000

#define NKIND (TRAFFIC_UDP + 1)

const struct traffic_conf *case_traffic(const struct case_ *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->ntraffic; i++)
		if (strcmp(c->traffic[i].name, name) == 0)
			return &c->traffic[i];
	return NULL;
}

static void read_rate(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct traffic_conf *t = to;

	if (block_rate(d, s, 1, &t->rate_per_s) == 0 && t->rate_per_s <= 0)
		block_error_at(d, s, 1, "a rate of nothing: leave the traffic block out");
}

static void read_timeout(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct traffic_conf *t = to;

	if (block_span(d, s, 1, &t->timeout_ns) == 0 && t->timeout_ns <= 0)
		block_error_at(d, s, 1, "a timeout of nothing fails every request");
}

const char *traffic_conf_node(const struct traffic_conf *t, size_t k)
{
	if (t->nnode)
		return k < t->nnode ? t->node[k] : NULL;
	return k ? NULL : t->from;
}

bool traffic_conf_sends(const struct traffic_conf *t, const char *node)
{
	const char *name;
	size_t k;

	for (k = 0; node && (name = traffic_conf_node(t, k)); k++)
		if (!strcmp(name, node))
			return true;
	return false;
}

/* Nodes, or the name of many (client: client1, client2, …); looked up at the end. */
static void read_from(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct traffic_conf *t = to;

	if (s->nword < 2) {
		block_error_at(d, s, 1, "say where from, as 'from client'");
		return;
	}
	free(t->from_text);
	t->from_text = case_join(s, 1);
}

static void read_to(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct traffic_conf *t = to;
	struct sockaddr_storage ss;
	char text[128];

	if (s->nword < 2 || s->nword > 3) {
		block_error_at(d, s, 1, "say where to, as 'to 192.168.31.200:80'");
		return;
	}
	if (s->nword == 3) /* as virtual_server has it */
		snprintf(text, sizeof(text), strchr(s->word[1].text, ':') ? "[%s]:%s" :
									    "%s:%s",
			 s->word[1].text, s->word[2].text);
	else
		snprintf(text, sizeof(text), "%s", s->word[1].text);
	if (endpoint_parse(text, &ss) < 0) {
		block_error_at(d, s, 1, "'%s' is not an address and port, like "
			       "192.168.31.200:80 or [fd00::200]:80", s->word[1].text);
		return;
	}
	free(t->target);
	t->target = case_strdup(text);
}

static void read_path(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct traffic_conf *t = to;

	if (s->word[1].text[0] != '/')
		block_error_at(d, s, 1, "a path begins with '/', as in 'path /%s'",
			       s->word[1].text);
	else
		case_set_text(&t->path, s, 1);
}

/* "20000-20199" */
static void read_ports(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct traffic_conf *t = to;
	int first, last;
	char rest;

	if (t->kind != TRAFFIC_HTTP && t->kind != TRAFFIC_KEEPALIVE)
		block_error_at(d, s, 0, "ports are of traffic http and keepalive");
	else if (sscanf(s->word[1].text, "%d-%d%c", &first, &last, &rest) != 2 || first < 1 ||
		 last > 65535 || first > last)
		block_error_at(d, s, 1, "expected ports as in 'ports 20000-20199', in "
			       "1-65535, got '%s'", s->word[1].text);
	else {
		t->first_port = first;
		t->last_port = last;
	}
}

static int read_kind(const struct block_stmt *s, struct block_diag *d)
{
	const char *names[NKIND], *near;
	size_t i;

	if (s->nword < 2 || s->nword > 3 || !s->body) {
		block_error_at(d, s, 1, "say 'traffic http { … }' or 'traffic http NAME { … }'");
		return -1;
	}
	for (i = 0; i < NKIND; i++) {
		names[i] = traffic_kind_name((enum traffic_kind)i);
		if (strcmp(names[i], s->word[1].text) == 0)
			return (int)i;
	}
	near = block_nearest(s->word[1].text, names, NKIND);
	block_error_at(d, s, 1, "unknown kind of traffic '%s'%s%s%s", s->word[1].text,
		       near ? ", did you mean '" : ": http, keepalive, stream or udp",
		       near ? near : "", near ? "'?" : "");
	return -1;
}

const struct case_word case_traffic_words[] = {
	{ "rate", read_rate, 1, "rate 200/s" },
	{ "timeout", read_timeout, 1, "timeout 100ms" },
	{ "from", read_from, CASE_ARGS_ANY, "from client" },
	{ "to", read_to, CASE_ARGS_ANY, "to 192.168.31.200:80" },
	{ "path", read_path, 1, "path /" },
	{ "ports", read_ports, 1, "ports 20000-20199" },
	{ NULL, NULL, 0, NULL },
};

void case_read_traffic(void *to, const struct block_stmt *s, struct block_diag *d)
{
	struct case_ *c = to;
	struct traffic_conf *t;
	const char *name;
	int kind = read_kind(s, d);

	if (kind < 0)
		return;
	name = s->word[s->nword - 1].text;
	if (case_traffic(c, name))
		block_error_at(d, s, s->nword - 1, "a second traffic called '%s': give it a "
			       "name of its own, 'traffic %s NAME'", name, s->word[1].text);
	t = case_append(&c->traffic, &c->ntraffic, sizeof(*t));
	t->name = case_strdup(name);
	t->kind = (enum traffic_kind)kind;
	t->stmt = s;
	t->rate_per_s = DEFAULT_RATE;
	t->timeout_ns = DEFAULT_TIMEOUT_NS;
	t->path = case_strdup(t->kind == TRAFFIC_STREAM ? "/stream" : "/");
	case_read_block(t, s->body, case_traffic_words, "traffic", d);
}

void traffic_conf_finish(struct traffic_conf *t)
{
	free(t->name);
	while (t->nnode)
		free(t->node[--t->nnode]);
	free(t->node);
	free(t->from_text);
	free(t->from);
	free(t->target);
	free(t->path);
}

/* --- defaults from the topology and the directors' configuration --- */

static const char *first_client(const struct topology *topo)
{
	size_t i;

	for (i = 0; i < topo->nnode; i++)
		if (topo->node[i].role == ROLE_CLIENT)
			return topo->node[i].name;
	return NULL;
}

static void add_sender(struct traffic_conf *t, const char *node)
{
	char **p = case_append(&t->node, &t->nnode, sizeof(*t->node));

	*p = case_strdup(node);
}

/* Word `w` of `from`: a node, or the name of many. */
static void find_senders(const struct case_ *c, struct traffic_conf *t,
			 const struct block_stmt *s, size_t w, struct block_diag *d)
{
	const struct topology *topo = c->topo;
	const char *word = s->word[w].text, *near, **names;
	size_t before = t->nnode, i, k;

	for (k = 0; k < topo->nnode; k++)
		if (!strcmp(topo->node[k].name, word) ||
		    (topo->node[k].many && !strcmp(topo->node[k].many, word)))
			add_sender(t, topo->node[k].name);
	for (i = before; i < t->nnode; i++)
		for (k = 0; k < before; k++)
			if (!strcmp(t->node[i], t->node[k]))
				block_error_at(d, s, w, "'%s' is given twice", t->node[k]);
	if (t->nnode > before)
		return;
	names = calloc(topo->nnode + 1, sizeof(*names));
	if (!names)
		fatal(EXIT_SOFTWARE, "reading a case");
	for (i = 0; i < topo->nnode; i++)
		names[i] = topo->node[i].name;
	near = block_nearest(word, names, topo->nnode);
	block_error_at(d, s, w, "topology %s has no node '%s' to send from%s%s%s", topo->name,
		       word, near ? ", did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
	free(names);
}

static void finish_from(const struct case_ *c, struct traffic_conf *t, struct block_diag *d)
{
	const struct block_stmt *from = NULL, *next;
	const char *client;
	size_t w;

	for (next = NULL; (next = block_find(t->stmt->body, "from", next));)
		from = next; /* the last one counts */
	if (!t->from_text) {
		client = first_client(c->topo);
		if (client)
			t->from = case_strdup(client);
		else
			block_error_at(d, t->stmt, 1,
				       "topology %s has no client: say 'from NODE'",
				       c->topo->name);
		return;
	}
	for (w = 1; from && w < from->nword; w++)
		find_senders(c, t, from, w, d);
	if (!t->nnode)
		return;
	t->from = case_strdup(t->node[0]);
	if (t->nnode > 1)
		return;
	free(t->node[0]);
	free(t->node);
	free(t->from_text);
	t->node = NULL;
	t->nnode = 0;
	t->from_text = NULL;
}

static void finish_one(struct case_ *c, struct traffic_conf *t, struct block_diag *d)
{
	char text[ENDPOINT_TEXT_MAX];

	finish_from(c, t, d);
	if (t->target)
		return;
	if (siteconf_first_service(c->siteconf,
				   t->kind == TRAFFIC_UDP ? IPPROTO_UDP : IPPROTO_TCP,
				   text, sizeof(text)) < 0)
		block_error_at(d, t->stmt, 1, "no virtual_server to send to in the directors' "
			       "keepalived.conf: say 'to ADDRESS:PORT'");
	else
		t->target = case_strdup(text);
}

void case_finish_traffic(struct case_ *c, struct block_diag *d)
{
	struct traffic_conf *t;
	double busy;
	size_t i;

	for (i = 0; i < c->ntraffic; i++) {
		t = &c->traffic[i];
		finish_one(c, t, d);
		busy = t->rate_per_s * (double)t->timeout_ns / (double)NS_PER_S;
		if (busy > OUTSTANDING_MAX)
			block_error_at(d, t->stmt, 1,
				       "%.0f requests would be under way at once when "
				       "nobody answers (rate × timeout); at most %d can be",
				       busy, OUTSTANDING_MAX);
	}
}
