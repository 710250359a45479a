/* SIGUSR1: what every instance is doing, for people (.data) and programs (.json). */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "vrrp_proc_priv.h"

static const char *address(const struct conf_addr *a, char *buf, size_t len)
{
	if (!a->family || !inet_ntop(a->family, &a->v6, buf, (socklen_t)len))
		snprintf(buf, len, "none");
	return buf;
}

/* Milliseconds from now; -1: never. */
static double until(int64_t due, int64_t now)
{
	return due ? (double)(due - now) / NS_PER_MS : -1;
}

/* --- for people --- */

static void text_instance(FILE *f, const struct vrrp_inst *i, int64_t now)
{
	const struct vrrp *v = &i->v;
	char a[INET6_ADDRSTRLEN], why[160];
	size_t n;

	fprintf(f, "instance %s\n", v->conf->name);
	fprintf(f, "  state            %s (%s), wants %s\n", vrrp_state_text(v->state),
		vrrp_reason_text(v, why, sizeof(why)), vrrp_state_text(v->want));
	fprintf(f, "  interface        %s%s\n", i->ifp->name,
		vrrp_if_up(i->ifp) ? "" : " (down)");
	fprintf(f, "  source           %s\n", address(&v->src, a, sizeof(a)));
	fprintf(f, "  vrid, version    %d, %d\n", v->conf->vrid, v->conf->version);
	fprintf(f, "  priority         %u (configured %d)\n", v->priority, v->conf->priority);
	fprintf(f, "  interval         %.3f s (master's %.3f s)\n",
		(double)v->conf->advert_ns / NS_PER_S, (double)v->master_advert_ns / NS_PER_S);
	fprintf(f, "  next timer       %.3f ms\n", until(v->due_ns, now));
	fprintf(f, "  master           %s, priority %u\n", address(&v->master, a, sizeof(a)),
		v->master_priority);
	fprintf(f, "  faults, waits    %u, %u\n", v->nfault, v->nwait);
	for (n = 0; n < v->conf->nvip; n++)
		fprintf(f, "  address          %s/%d dev %s%s\n",
			address(&v->conf->vip[n].addr, a, sizeof(a)), v->conf->vip[n].prefixlen,
			i->vips.v[n].ifp->name, v->addresses_set ? " (set)" : "");
	fprintf(f, "  sent, received   %" PRIu64 ", %" PRIu64 "\n", v->count.sent,
		v->count.received);
	for (n = VRRP_OK + 1; n < VRRP_NVERDICTS; n++)
		if (v->count.verdict[n])
			fprintf(f, "  ignored          %" PRIu64 " (%s)\n", v->count.verdict[n],
				vrrp_verdict_text((enum vrrp_verdict)n));
}

static void write_text(FILE *f, const struct vrrp_proc *p, int64_t now)
{
	const uint64_t *stray = vrrp_socks_strays(p->env.socks);
	size_t n;

	for (n = 0; n < p->ninst; n++)
		text_instance(f, p->inst[n], now);
	for (n = 0; n < p->ngroup; n++)
		fprintf(f, "sync group %s\n  state            %s\n", p->group[n].conf->name,
			vrrp_state_text(p->group[n].state));
	for (n = VRRP_OK + 1; n < VRRP_NVERDICTS; n++)
		if (stray[n])
			fprintf(f, "packets for nobody here: %" PRIu64 " (%s)\n", stray[n],
				vrrp_verdict_text((enum vrrp_verdict)n));
}

/* --- for programs --- */

static void quoted(FILE *f, const char *s)
{
	const unsigned char *c;

	fputc('"', f);
	for (c = (const unsigned char *)s; *c; c++) {
		if (*c == '"' || *c == '\\')
			fprintf(f, "\\%c", *c);
		else if (*c < 0x20 || *c >= 0x7f) /* bytes as Latin-1, to be valid */
			fprintf(f, "\\u%04x", *c);
		else
			fputc(*c, f);
	}
	fputc('"', f);
}

static void json_text(FILE *f, const char *key, const char *value)
{
	fprintf(f, ",\"%s\":", key);
	quoted(f, value);
}

/* Why packets were not used, each reason with its number. */
static void json_verdicts(FILE *f, const uint64_t *count)
{
	int n;

	for (n = VRRP_OK + 1; n < VRRP_NVERDICTS; n++)
		fprintf(f, "%c\"%s\":%" PRIu64, n > VRRP_OK + 1 ? ',' : '{',
			vrrp_verdict_text((enum vrrp_verdict)n), count[n]);
	fputc('}', f);
}

static void json_instance(FILE *f, const struct vrrp_inst *i, int64_t now)
{
	const struct vrrp *v = &i->v;
	char a[INET6_ADDRSTRLEN], why[160];
	size_t n;

	fputs("{\"name\":", f);
	quoted(f, v->conf->name);
	json_text(f, "state", vrrp_state_text(v->state));
	json_text(f, "reason", vrrp_reason_text(v, why, sizeof(why)));
	json_text(f, "wants", vrrp_state_text(v->want));
	json_text(f, "interface", i->ifp->name);
	json_text(f, "source", address(&v->src, a, sizeof(a)));
	json_text(f, "master", address(&v->master, a, sizeof(a)));
	fprintf(f,
		",\"vrid\":%d,\"version\":%d,\"priority\":%u,\"base_priority\":%d"
		",\"master_priority\":%u,\"advert_ms\":%" PRId64
		",\"master_advert_ms\":%" PRId64 ",\"timer_ms\":%.3f,\"in_state_ms\":%.3f",
		v->conf->vrid, v->conf->version, v->priority, v->conf->priority,
		v->master_priority, v->conf->advert_ns / NS_PER_MS,
		v->master_advert_ns / NS_PER_MS, until(v->due_ns, now),
		(double)(now - v->since_ns) / NS_PER_MS);
	fprintf(f, ",\"addresses_set\":%s,\"addresses\":[", v->addresses_set ? "true" : "false");
	for (n = 0; n < v->conf->nvip; n++) {
		if (n)
			fputc(',', f);
		quoted(f, address(&v->conf->vip[n].addr, a, sizeof(a)));
	}
	fprintf(f,
		"],\"sent\":%" PRIu64 ",\"received\":%" PRIu64 ",\"sent_priority_0\":%" PRIu64
		",\"received_priority_0\":%" PRIu64 ",\"became_master\":%" PRIu64
		",\"left_master\":%" PRIu64 ",\"ignored\":",
		v->count.sent, v->count.received, v->count.sent_prio0, v->count.received_prio0,
		v->count.became_master, v->count.left_master);
	json_verdicts(f, v->count.verdict);
	fputc('}', f);
}

static void write_json(FILE *f, const struct vrrp_proc *p, int64_t now)
{
	size_t n;

	fputs("{\"instances\":[", f);
	for (n = 0; n < p->ninst; n++) {
		if (n)
			fputc(',', f);
		json_instance(f, p->inst[n], now);
	}
	fputs("],\"sync_groups\":[", f);
	for (n = 0; n < p->ngroup; n++) {
		fputs(n ? ",{\"name\":" : "{\"name\":", f);
		quoted(f, p->group[n].conf->name);
		json_text(f, "state", vrrp_state_text(p->group[n].state));
		fputc('}', f);
	}
	fputs("],\"for_nobody\":", f);
	json_verdicts(f, vrrp_socks_strays(p->env.socks));
	fputs("}\n", f);
}

/* Complete or not at all: written beside it, then renamed. */
static int write_file(const struct vrrp_proc *p, const char *path, const char *suffix,
		      void (*body)(FILE *, const struct vrrp_proc *, int64_t))
{
	char to[280], tmp[288];
	int fd, r = 0;
	FILE *f;

	snprintf(to, sizeof(to), "%s%s", path, suffix);
	snprintf(tmp, sizeof(tmp), "%s.new", to);
	if (unlink(tmp) < 0 && errno != ENOENT)
		return -errno;
	fd = open(tmp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0644);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f)
		r = -errno;
	if (!f && fd >= 0)
		close(fd);
	if (f) {
		body(f, p, clock_now());
		if (ferror(f))
			r = -EIO;
		if (fclose(f) == EOF && !r)
			r = -errno;
	}
	if (!r && rename(tmp, to) < 0)
		r = -errno;
	if (r && fd >= 0)
		unlink(tmp);
	return r;
}

int vrrp_proc_dump(const struct vrrp_proc *p, const char *path)
{
	int r = write_file(p, path, ".data", write_text);

	return r < 0 ? r : write_file(p, path, ".json", write_json);
}
