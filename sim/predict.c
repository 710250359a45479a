#include "predict.h"

#include <arpa/inet.h>
#include <string.h>

#include "../engine/conf.h"
#include "measure.h"

static int64_t skew(const struct vrrp_conf *v)
{
	return vrrp_skew_ns(v->version, v->priority, v->advert_ns);
}

static int down_adverts(const struct vrrp_conf *v)
{
	return v->down_timer_adverts > 0 ? v->down_timer_adverts : 3;
}

/* Higher priority first; of equals the higher address (RFC 3768 6.4.3). */
static bool beats(const struct vrrp_conf *a, const struct director *da,
		  const struct vrrp_conf *b, const struct director *db)
{
	struct in_addr x, y;

	if (a->priority != b->priority)
		return a->priority > b->priority;
	if (da->ip && db->ip && inet_pton(AF_INET, da->ip, &x) == 1 &&
	    inet_pton(AF_INET, db->ip, &y) == 1)
		return ntohl(x.s_addr) > ntohl(y.s_addr);
	return false;
}

static void join(struct vrrp_pair *p, const struct vrrp_conf *v, const struct director *d)
{
	if (!p->master || beats(v, d, p->master, p->master_at)) {
		p->backup = p->master;
		p->backup_at = p->master_at;
		p->master = v;
		p->master_at = d;
	} else if (!p->backup || beats(v, d, p->backup, p->backup_at)) {
		p->backup = v;
		p->backup_at = d;
	}
}

size_t predict_pairs(const struct director *d, size_t n, struct vrrp_pair *v, size_t max)
{
	size_t i, k, at, count = 0;

	for (i = 0; i < n; i++) {
		for (k = 0; k < d[i].conf->nvrrp; k++) {
			const struct vrrp_conf *c = &d[i].conf->vrrp[k];

			for (at = 0; at < count; at++)
				if (v[at].vrid == c->vrid &&
				    v[at].master->family == c->family)
					break;
			if (at == count) {
				if (count == max)
					continue;
				v[count++] = (struct vrrp_pair){ .vrid = c->vrid };
			}
			join(&v[at], c, &d[i]);
		}
	}
	return count;
}

/* In the order in which join() keeps them: of two that tie, the first file's. */
static bool precedes(const struct vrrp_conf *a, const struct director *da,
		     const struct vrrp_conf *b, const struct director *db)
{
	if (beats(a, da, b, db))
		return true;
	if (beats(b, db, a, da))
		return false;
	return da == db ? a < b : da < db;
}

bool predict_next(const struct director *d, size_t n, const struct vrrp_pair *p,
		  struct vrrp_pair *next)
{
	struct vrrp_pair r = { .vrid = p->vrid, .master = p->backup,
			       .master_at = p->backup_at };
	size_t i, k;

	if (!p->backup)
		return false;
	for (i = 0; i < n; i++) {
		for (k = 0; k < d[i].conf->nvrrp; k++) {
			const struct vrrp_conf *c = &d[i].conf->vrrp[k];

			if (c->vrid == r.vrid && c->family == r.master->family &&
			    precedes(r.master, r.master_at, c, &d[i]))
				join(&r, c, &d[i]);
		}
	}
	*next = r;
	return true;
}

struct span_range predict_crash(const struct vrrp_conf *backup)
{
	int n = down_adverts(backup);

	return (struct span_range){ (n - 1) * backup->advert_ns + skew(backup),
				    n * backup->advert_ns + skew(backup) };
}

int64_t predict_stop(const struct vrrp_conf *backup)
{
	return skew(backup);
}

int64_t predict_return(const struct vrrp_conf *master)
{
	int64_t t;

	if (master->nopreempt && !master->start_master)
		return -1;
	if (master->priority == 255)
		return 0;
	t = down_adverts(master) * master->advert_ns + skew(master);
	return t > master->preempt_delay_ns ? t : master->preempt_delay_ns;
}

struct span_range predict_removal(const struct checker_conf *k, bool silent)
{
	int64_t fail = silent ? k->connect_timeout_ns : 0;
	int64_t rest = fail + k->retry * (k->delay_before_retry_ns + fail);

	return (struct span_range){ rest, rest + k->delay_loop_ns };
}

bool predict_notices_answers(const struct checker_conf *k)
{
	return k->type != CHECK_TCP;
}

struct span_range predict_readmission(const struct checker_conf *k)
{
	int64_t longest = k->delay_loop_ns;

	if (k->delay_before_retry_ns > longest)
		longest = k->delay_before_retry_ns;
	return (struct span_range){ 0, longest };
}
