/*
 * IPVS that is not there: a recorder with the kernel's manners.
 *
 * Two simple lists hold the table; the text of every command and its outcome
 * goes to a memory stream. For tests, so nothing here is fast.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "ipvs.h"

struct fake_dest {
	struct ipvs_dest d;
	struct fake_dest *next;
};

struct fake_service {
	struct ipvs_service s;
	struct fake_dest *dests;
	struct fake_service *next;
};

struct fake_failure {
	int err;
	unsigned int count;
};

struct ipvs_fake {
	struct fake_service *services;
	struct ipvs_timeouts timeouts;
	struct fake_failure fail[IPVS_NOPS];
	unsigned int batches;
	FILE *f;
	char *text;
	size_t len;
};

/* --- the table --- */

static struct fake_service **find_service(struct ipvs_fake *k,
					  const struct ipvs_service *s)
{
	struct fake_service **at;

	for (at = &k->services; *at; at = &(*at)->next)
		if ((*at)->s.family == s->family && (*at)->s.fwmark == s->fwmark &&
		    (*at)->s.protocol == s->protocol && (*at)->s.port == s->port &&
		    !memcmp((*at)->s.addr, s->addr, 16))
			break;
	return at;
}

static struct fake_dest **find_dest(struct fake_service *s, const struct ipvs_dest *d)
{
	struct fake_dest **at;

	for (at = &s->dests; *at; at = &(*at)->next)
		if ((*at)->d.family == d->family && (*at)->d.port == d->port &&
		    !memcmp((*at)->d.addr, d->addr, 16))
			break;
	return at;
}

static void free_service(struct fake_service *s)
{
	struct fake_dest *d;

	while ((d = s->dests)) {
		s->dests = d->next;
		free(d);
	}
	free(s);
}

static void flush(struct ipvs_fake *k)
{
	struct fake_service *s;

	while ((s = k->services)) {
		k->services = s->next;
		free_service(s);
	}
}

static int service_cmd(struct ipvs_fake *k, const struct ipvs_cmd *cmd)
{
	struct fake_service **at = find_service(k, &cmd->svc), *s = *at;

	if (cmd->op == IPVS_NEW_SERVICE) {
		if (s)
			return -EEXIST;
		s = calloc(1, sizeof(*s));
		if (!s)
			return -ENOMEM;
		*at = s;
	}
	if (!s)
		return -ESRCH;
	if (cmd->op != IPVS_DEL_SERVICE) {
		s->s = cmd->svc;
		return 0;
	}
	*at = s->next;
	free_service(s);
	return 0;
}

static int dest_cmd(struct ipvs_fake *k, const struct ipvs_cmd *cmd)
{
	struct fake_service *s = *find_service(k, &cmd->svc);
	struct fake_dest **at, *d;

	if (!s)
		return -ESRCH;
	at = find_dest(s, &cmd->dest);
	d = *at;
	if (cmd->op == IPVS_NEW_DEST) {
		if (d)
			return -EEXIST;
		d = calloc(1, sizeof(*d));
		if (!d)
			return -ENOMEM;
		*at = d;
	}
	if (!d)
		return -ENOENT;
	if (cmd->op != IPVS_DEL_DEST) {
		d->d = cmd->dest;
		return 0;
	}
	*at = d->next;
	free(d);
	return 0;
}

static int carry_out(struct ipvs_fake *k, const struct ipvs_cmd *cmd)
{
	struct fake_failure *fail = &k->fail[cmd->op];

	if (fail->count) {
		fail->count--;
		return fail->err;
	}
	switch (cmd->op) {
	case IPVS_NEW_SERVICE:
	case IPVS_SET_SERVICE:
	case IPVS_DEL_SERVICE:
		return service_cmd(k, cmd);
	case IPVS_NEW_DEST:
	case IPVS_SET_DEST:
	case IPVS_DEL_DEST:
		return dest_cmd(k, cmd);
	case IPVS_SET_TIMEOUTS:
		k->timeouts = cmd->timeouts;
		break;
	case IPVS_FLUSH:
		flush(k);
		break;
	case IPVS_START_DAEMON:
	case IPVS_STOP_DAEMON:
	case IPVS_NOPS:
		break;
	}
	return 0;
}

/* --- the ops --- */

static int fake_submit(void *self, struct ipvs_cmd *cmd, size_t n)
{
	struct ipvs_fake *k = self;
	char text[256];
	size_t i;

	k->batches++;
	for (i = 0; i < n; i++) {
		cmd[i].err = carry_out(k, &cmd[i]);
		ipvs_cmd_text(&cmd[i], text, sizeof(text));
		fprintf(k->f, "%s%s%s\n", text, cmd[i].err ? " = " : "",
			cmd[i].err ? strerrorname_np(-cmd[i].err) : "");
	}
	return 0;
}

static int fake_get_timeouts(void *self, struct ipvs_timeouts *t)
{
	*t = ((struct ipvs_fake *)self)->timeouts;
	return 0;
}

static void fake_close(void *self)
{
	struct ipvs_fake *k = self;

	flush(k);
	if (k->f)
		fclose(k->f);
	free(k->text);
	free(k);
}

static const struct ipvs_ops fake_ops = {
	.submit = fake_submit,
	.get_timeouts = fake_get_timeouts,
	.free = fake_close,
};

int ipvs_fake_open(struct ipvs *v)
{
	struct ipvs_fake *k = calloc(1, sizeof(*k));

	if (!k)
		return -ENOMEM;
	k->timeouts = (struct ipvs_timeouts){ 900, 120, 300 }; /* the kernel's */
	k->f = open_memstream(&k->text, &k->len);
	if (!k->f) {
		free(k);
		return -ENOMEM;
	}
	v->ops = &fake_ops;
	v->self = k;
	return 0;
}

/* --- what the tests ask --- */

const char *ipvs_fake_log(struct ipvs *v)
{
	struct ipvs_fake *k = v->self;

	fflush(k->f);
	k->text[k->len] = '\0'; /* older lines may follow, after a rewind */
	return k->text;
}

void ipvs_fake_clear(struct ipvs *v)
{
	struct ipvs_fake *k = v->self;

	rewind(k->f);
}

void ipvs_fake_print(struct ipvs *v, FILE *f)
{
	struct ipvs_fake *k = v->self;
	struct ipvs_cmd cmd = { 0 };
	struct fake_service *s;
	struct fake_dest *d;
	char text[256];

	for (s = k->services; s; s = s->next) {
		cmd.op = IPVS_NEW_SERVICE;
		cmd.svc = s->s;
		ipvs_cmd_text(&cmd, text, sizeof(text));
		fprintf(f, "%s\n", strchr(text, ' ') + 1);
		for (d = s->dests; d; d = d->next) {
			cmd.op = IPVS_NEW_DEST;
			cmd.dest = d->d;
			ipvs_cmd_text(&cmd, text, sizeof(text));
			fprintf(f, "  %s\n", strstr(text, "->"));
		}
	}
}

unsigned int ipvs_fake_batches(struct ipvs *v)
{
	return ((struct ipvs_fake *)v->self)->batches;
}

void ipvs_fake_fail(struct ipvs *v, enum ipvs_cmd_op op, int err, unsigned int count)
{
	struct ipvs_fake *k = v->self;

	k->fail[op] = (struct fake_failure){ err, count };
}
