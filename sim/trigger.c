/* The words after `when`: read, and held against the case. */
#include "trigger.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "block.h"
#include "case.h"
#include "case_read.h"
#include "pattern.h"

/* An engine that cannot be master says so in its log only: halbd, keepalived. */
#define FAULT_PATTERN "-> FAULT|Entering FAULT STATE"

#define NAMES_MAX 64

static const char *const forms[] = {
	"when NODE becomes master|backup|fault [vrid N] [within SPAN]",
	"when NODE adds|removes SERVER [within SPAN]",
	"when NODE logs \"REGEX\" [within SPAN]",
	"when vip ADDRESS [not] on NODE [within SPAN]",
	"when ipvs NODE \"SERVICE\" has|lacks DEST [weight N] [within SPAN]",
	"when ipvs NODE \"SERVICE\" exists|absent [within SPAN]",
	"when traffic NAME fails|recovers [within SPAN]",
	NULL,
};

const char *const *trigger_forms(void)
{
	return forms;
}

/* The reader's place in the statement. */
struct words {
	const struct block_stmt *s;
	struct block_diag *d;
	size_t i;
};

static const char *here(const struct words *w)
{
	return w->i < w->s->nword ? w->s->word[w->i].text : NULL;
}

static bool take(struct words *w, const char *word)
{
	if (!here(w) || strcmp(here(w), word) != 0)
		return false;
	w->i++;
	return true;
}

/* A word that names something, or NULL after an error. */
static const char *name(struct words *w, size_t *at, const char *what)
{
	const char *word = here(w);

	if (!word) {
		block_error_at(w->d, w->s, w->i, "%s is missing here", what);
		return NULL;
	}
	if (at)
		*at = w->i;
	w->i++;
	return word;
}

/* An error at the word here, with the nearest of `names`. Always -1. */
static int wrong(struct words *w, const char *what, const char *const *names, size_t n)
{
	const char *word = here(w), *near = word ? block_nearest(word, names, n) : NULL;
	char all[160] = "";
	size_t i;

	for (i = 0; i < n; i++) {
		strncat(all, i ? i + 1 < n ? ", " : " or " : "",
			sizeof(all) - strlen(all) - 1);
		strncat(all, names[i], sizeof(all) - strlen(all) - 1);
	}
	if (near)
		block_error_at(w->d, w->s, w->i, "unknown %s '%s', did you mean '%s'?",
			       what, word, near);
	else
		block_error_at(w->d, w->s, w->i, "%s belongs here%s%s%s", all,
			       word ? ", got '" : "", word ? word : "", word ? "'" : "");
	return -1;
}

static int take_int(struct words *w, const char *word, int64_t lo, int64_t hi, int *to)
{
	int64_t n;

	if (!take(w, word))
		return 0;
	if (block_int(w->d, w->s, w->i, lo, hi, &n) < 0)
		return -1;
	w->i++;
	*to = (int)n;
	return 0;
}

static int compile(struct trigger *t, struct words *w)
{
	if (pattern_compile(&t->pattern, w->s, w->i, w->d) < 0)
		return -1;
	t->compiled = true;
	t->kind = TRIGGER_LOG;
	w->i++;
	return 0;
}

/* NODE becomes … */
static int read_becomes(struct trigger *t, struct words *w)
{
	static const char *const states[] = { "master", "backup", "fault" };

	if (take(w, "master")) {
		t->kind = TRIGGER_MASTER;
	} else if (take(w, "backup")) {
		t->kind = TRIGGER_BACKUP;
	} else if (take(w, "fault")) {
		t->kind = TRIGGER_LOG;
		if (regcomp(&t->pattern, FAULT_PATTERN, REG_EXTENDED | REG_NOSUB) != 0) {
			block_error_at(w->d, w->s, w->i, "out of memory");
			return -1;
		}
		t->compiled = true;
		return 0; /* the log does not say which router in numbers */
	} else {
		return wrong(w, "state", states, 3);
	}
	return take_int(w, "vrid", 1, 255, &t->vrid);
}

static int read_node(struct trigger *t, struct words *w)
{
	static const char *const verbs[] = { "becomes", "adds", "removes", "logs" };

	t->node = name(w, &t->node_at, "what to wait for");
	if (!t->node)
		return -1;
	if (take(w, "becomes"))
		return read_becomes(t, w);
	if (take(w, "logs"))
		return compile(t, w);
	if (take(w, "adds"))
		t->kind = TRIGGER_ADDS;
	else if (take(w, "removes"))
		t->kind = TRIGGER_REMOVES;
	else
		return wrong(w, "event", verbs, 4);
	t->server = name(w, &t->name_at, "the real server");
	return t->server ? 0 : -1;
}

static int read_vip(struct trigger *t, struct words *w)
{
	t->kind = TRIGGER_VIP;
	t->addr = name(w, &t->name_at, "the virtual address");
	if (!t->addr)
		return -1;
	t->negated = take(w, "not");
	if (!take(w, "on")) {
		block_error_at(w->d, w->s, w->i, "vip %s on NODE, or not on NODE", t->addr);
		return -1;
	}
	t->node = name(w, &t->node_at, "the node");
	return t->node ? 0 : -1;
}

static int read_ipvs(struct trigger *t, struct words *w)
{
	static const char *const verbs[] = { "has", "lacks", "exists", "absent" };

	t->kind = TRIGGER_IPVS;
	t->node = name(w, &t->node_at, "the node");
	t->service = t->node ? name(w, &t->name_at, "the service") : NULL;
	if (!t->service)
		return -1;
	if (take(w, "exists"))
		return 0;
	if (take(w, "absent")) {
		t->negated = true;
		return 0;
	}
	t->negated = take(w, "lacks");
	if (!t->negated && !take(w, "has"))
		return wrong(w, "state of a table", verbs, 4);
	t->dest = name(w, NULL, "the destination (192.168.31.113:80)");
	return t->dest ? take_int(w, "weight", 0, 65535, &t->weight) : -1;
}

static int read_traffic(struct trigger *t, struct words *w)
{
	static const char *const verbs[] = { "fails", "recovers" };

	t->traffic = name(w, &t->name_at, "the traffic's name");
	if (!t->traffic)
		return -1;
	if (take(w, "fails"))
		t->kind = TRIGGER_FAILS;
	else if (take(w, "recovers"))
		t->kind = TRIGGER_RECOVERS;
	else
		return wrong(w, "event", verbs, 2);
	return 0;
}

static int read_within(struct trigger *t, struct words *w)
{
	static const char *const words[] = { "within", "vrid", "weight" };

	t->limit_ns = TRIGGER_LIMIT_NS;
	if (!here(w))
		return 0;
	if (!take(w, "within"))
		return wrong(w, "word", words, 1);
	if (block_span(w->d, w->s, w->i, &t->limit_ns) < 0)
		return -1;
	if (t->limit_ns <= 0) {
		block_error_at(w->d, w->s, w->i, "no time to wait: within how long?");
		return -1;
	}
	w->i++;
	if (!here(w))
		return 0;
	block_error_at(w->d, w->s, w->i, "'%s' is one word too many", here(w));
	return -1;
}

struct trigger *trigger_parse(const struct block_stmt *s, struct block_diag *d)
{
	struct trigger *t = calloc(1, sizeof(*t));
	struct words w = { s, d, 1 };
	int r;

	if (!t) {
		block_error_at(d, s, 0, "out of memory");
		return NULL;
	}
	t->stmt = s;
	t->weight = -1;
	t->text = case_join(s, 0);
	if (take(&w, "vip"))
		r = read_vip(t, &w);
	else if (take(&w, "ipvs"))
		r = read_ipvs(t, &w);
	else if (take(&w, "traffic"))
		r = read_traffic(t, &w);
	else
		r = read_node(t, &w);
	if (r == 0)
		r = read_within(t, &w);
	if (r == 0)
		return t;
	trigger_free(t);
	return NULL;
}

void trigger_free(struct trigger *t)
{
	if (!t)
		return;
	if (t->compiled)
		regfree(&t->pattern);
	free(t->text);
	free(t);
}

/* --- held against the case --- */

static int unknown(const struct trigger *t, size_t at, const char *what,
		   const char *const *names, size_t n, struct block_diag *d)
{
	const char *word = t->stmt->word[at].text, *near = block_nearest(word, names, n);

	block_error_at(d, t->stmt, at, "no %s is called '%s'%s%s%s", what, word,
		       near ? ", did you mean '" : "", near ? near : "",
		       near ? "'?" : "");
	return -1;
}

/* The node called `word`, of that role when `any` is false. NULL after an error. */
static const struct topo_node *find_node(const struct trigger *t, const struct case_ *c,
					 const char *word, size_t at, bool any,
					 enum topo_role role, struct block_diag *d)
{
	const char *names[NAMES_MAX];
	const struct topo_node *found = NULL;
	size_t i, n = 0;

	for (i = 0; i < c->topo->nnode; i++) {
		const struct topo_node *node = &c->topo->node[i];

		if (!any && node->role != role)
			continue;
		if (n < NAMES_MAX)
			names[n++] = node->name;
		if (strcmp(node->name, word) == 0)
			found = node;
	}
	if (!found)
		unknown(t, at,
			any ? "node" : role == ROLE_SERVER ? "real server" : "director",
			names, n, d);
	return found;
}

static int check_traffic(const struct trigger *t, const struct case_ *c,
			 struct block_diag *d)
{
	const char *names[NAMES_MAX];
	size_t i, n = 0;

	for (i = 0; i < c->ntraffic; i++) {
		if (strcmp(c->traffic[i].name, t->traffic) == 0)
			return 0;
		if (n < NAMES_MAX)
			names[n++] = c->traffic[i].name;
	}
	return unknown(t, t->name_at, "traffic", names, n, d);
}

static int check_address(const struct trigger *t, struct block_diag *d)
{
	unsigned char raw[16];

	if (inet_pton(AF_INET, t->addr, raw) == 1 || inet_pton(AF_INET6, t->addr, raw) == 1)
		return 0;
	block_error_at(d, t->stmt, t->name_at, "an address belongs here, got '%s'", t->addr);
	return -1;
}

int trigger_check(struct trigger *t, const struct case_ *c, struct block_diag *d)
{
	bool director = t->kind != TRIGGER_LOG;

	if (t->traffic)
		return check_traffic(t, c, d);
	if (t->addr && check_address(t, d) < 0)
		return -1;
	/* Only directors are observed: their addresses, their tables, their adverts. */
	if (!find_node(t, c, t->node, t->node_at, !director, ROLE_DIRECTOR, d))
		return -1;
	if (!t->server)
		return 0;
	t->server_node = find_node(t, c, t->server, t->name_at, false, ROLE_SERVER, d);
	return t->server_node ? 0 : -1;
}
