/* From keepalived.conf to struct conf: the passes, and what is made of them. */
#include "conf_int.h"
#include "conf_reuse.h"
#include "conf_share.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>

/* --- what the lexer finds --- */

static void lex_fault(void *arg, enum conf_lex_fault fault, const char *file, int line,
		      int col, int oracle_line, const char *text)
{
	struct conf_ctx *c = arg;
	struct conf_pos pos = { file, line ? line : 1, col };

	switch (fault) {
	case LEX_QUOTE_OPEN:
	case LEX_QUOTE_UNMATCHED:
		conf_say_line(c, K_QUOTE, &pos, oracle_line,
			      "a quote is not closed on this line");
		break;
	case LEX_EXTRA_BRACE:
		conf_say_line(c, K_BRACE, &pos, oracle_line,
			      "'}' closes nothing; one too many, or a '{' is missing above");
		break;
	case LEX_MISSING_BRACE:
		conf_say_line(c, K_BRACE, &pos, oracle_line,
			      "%s '}' missing at the end of the file", text);
		break;
	case LEX_INCLUDE:
		conf_say_line(c, K_FILE, &pos, oracle_line, "%s", text);
		break;
	case LEX_INCLUDE_REQUIRED:
		conf_say_line(c, K_FILE, &pos, oracle_line,
			      "%s; keepalived would not start", text);
		c->refused = true;
		c->missing_include = true;
		break;
	case LEX_TOO_MANY_FILES:
		conf_say_line(c, K_MANY_FILES, &pos, 0, "several files match '%s'", text);
		break;
	case LEX_LOOP:
		c->refused = true;
		conf_say_line(c, K_VALUE, &pos, oracle_line,
			      "this refers to itself without end; reading stops: '%s'", text);
		break;
	case LEX_SEQUENCE:
		conf_say_line(c, K_VALUE, &pos, oracle_line, "%s; this line is left out",
			      text);
		break;
	}
}

/* --- passes --- */

static void one_pass(struct conf_ctx *c, enum conf_pass pass)
{
	if (c->give_up)
		return;
	c->pass = pass;
	if (pass != PASS_PARENT)
		conf_lex_begin(c->lex);
	conf_walk(c);
	if (conf_lex_nomem(c->lex))
		conf_nomem(c);
	if (!c->give_up)
		conf_lex_end(c->lex);
}

/* Opens what is to be read. Returns whether there is anything. */
static bool open_files(struct conf_ctx *c)
{
	struct conf_pos pos = { c->opt->path, 1, 1 };
	int ret = conf_lex_begin(c->lex);

	switch (ret) {
	case 0:
		return true;
	case -EMFILE:
		lex_fault(c, LEX_TOO_MANY_FILES, pos.file, 1, 1, 0, c->opt->path);
		return true;
	case -ENOENT:
		conf_say_at(c, K_FILE, &pos,
			    "there is no such file, or none that keepalived would read; its "
			    "-t calls that success, but it would not start");
		break;
	case -EACCES:
		conf_say_at(c, K_FILE, &pos, "this file cannot be read");
		c->status = CONF_FATAL;
		break;
	default:
		conf_nomem(c);
	}
	c->refused = true;
	return false;
}

static void read_all(struct conf_ctx *c)
{
	if (!open_files(c))
		return;
	conf_global_init(c);
	one_pass(c, PASS_PARENT);
	if (c->missing_include) {
		/* The parent ends before it starts the others. */
		c->give_up = true;
		return;
	}
	conf_global_complete(c);
	one_pass(c, PASS_CHECKER);
	if (!c->give_up)
		conf_lvs_complete(c);
	one_pass(c, PASS_VRRP);
	if (!c->give_up)
		conf_vrrp_complete(c);
	/* In a file without a mistake so far there is nothing else to find. */
	if (c->status || c->nnamed[NAMED_BFD])
		one_pass(c, PASS_BFD);
	endpwent();
}

static enum conf_status exit_status(const struct conf_ctx *c)
{
	if (c->nomem)
		return CONF_NO_MEMORY;
	if (c->missing_include)
		return CONF_SECURITY; /* the same number: "not configured" */
	if (c->give_up)
		return CONF_NO_MEMORY; /* the same number: a word is missing */
	return (enum conf_status)c->status;
}

static void ctx_free(struct conf_ctx *c)
{
	size_t i, j;

	conf_vrrp_build_free(c);
	conf_lvs_build_free(c);
	for (i = 0; i < sizeof(c->named) / sizeof(c->named[0]); i++) {
		for (j = 0; j < c->nnamed[i]; j++)
			free(c->named[i][j]);
		free(c->named[i]);
	}
	free(c->def.default_ifname);
	free(c->ifs);
	conf_seen_free(c->seen);
	conf_lex_free(c->lex);
}

/* What @id lines are compared with; one for the whole process. */
static const char *config_id;

void conf_set_id(const char *id)
{
	config_id = id;
}

static const char *id_or_host(const char *id, char host[65])
{
	struct utsname uts;

	if (id || config_id)
		return id ? id : config_id;
	if (uname(&uts))
		return NULL;
	snprintf(host, 65, "%.*s", (int)strcspn(uts.nodename, "."), uts.nodename);
	return host;
}

/* Only of a file that there is nothing to say about. */
static void note_reuse(struct conf_ctx *c)
{
	struct conf_reuse *u = c->lex ? conf_lex_take_reuse(c->lex) : NULL;

	if (u && !c->said && !c->nomem && !c->refused && !c->give_up)
		c->conf->reuse = u;
	else
		conf_reuse_free(u);
}

struct conf *conf_load_with(const struct conf_options *opt, enum conf_status *status)
{
	struct conf_ctx ctx = { .opt = opt, .out = opt->out };
	struct conf_ctx *c = &ctx;
	char host[65];
	const char *id = id_or_host(opt->id, host);

	*status = CONF_NO_MEMORY;
	c->conf = calloc(1, sizeof(*c->conf));
	c->lex = opt->text ? conf_lex_new_text(opt->path, opt->text, opt->text_len, id, lex_fault, c) :
			     conf_lex_new(opt->path, id, lex_fault, c);
	if (opt->keep && c->lex)
		conf_lex_reuse(c->lex, opt->old ? opt->old->reuse : NULL);
	if (!c->conf || !c->lex || conf_env_load(c))
		conf_nomem(c);
	else
		read_all(c);
	note_reuse(c);
	*status = exit_status(c);
	if (c->nomem && opt->out)
		fprintf(opt->out, "%s: memory or descriptors ran out; nothing is used\n",
			opt->path);
	if (c->lex && c->conf)
		c->conf->file = conf_lex_take_names(c->lex);
	if (c->nomem || (c->refused && !opt->test) || c->give_up) {
		conf_free(c->conf);
		c->conf = NULL;
	}
	ctx_free(c);
	if (c->conf)
		conf_share(c->conf);
	if (c->conf && c->conf->reuse && conf_reuse_settle(c->conf->reuse, c->conf) < 0) {
		conf_reuse_free(c->conf->reuse);
		c->conf->reuse = NULL;
	}
	return c->conf;
}

struct conf *conf_load(const char *path, FILE *out, enum conf_status *status)
{
	struct conf_options opt = { .path = path, .out = out, .keep = true };

	return conf_load_with(&opt, status);
}

struct conf *conf_reload(const char *path, FILE *out, enum conf_status *status,
			 const struct conf *old)
{
	struct conf_options opt = { .path = path, .keep = true, .old = old };
	struct conf *c;

	if (!old || !old->reuse)
		return conf_load(path, out, status);
	c = conf_load_with(&opt, status);
	if (c && c->reuse)
		return c;
	conf_free(c); /* there is something to say, and it was not said */
	return conf_load(path, out, status);
}

/* --- blocks known by their name alone --- */

void conf_named_start(struct conf_ctx *c, int which)
{
	const char *name = conf_word(c, 1);
	char **more;

	if (c->give_up)
		return;
	more = conf_grow(c, c->named[which], &c->nnamed[which], sizeof(*more));
	if (!more)
		return;
	c->named[which] = more;
	more[c->nnamed[which] - 1] = conf_strdup(c, name);
	if (!more[c->nnamed[which] - 1])
		c->nnamed[which]--;
}

bool conf_named(const struct conf_ctx *c, int which, const char *name)
{
	size_t i;

	for (i = 0; i < c->nnamed[which]; i++)
		if (!strcmp(c->named[which][i], name))
			return true;
	return false;
}
