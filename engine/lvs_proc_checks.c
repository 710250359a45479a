/* The checks of the process that owns the IPVS table: their results, start and end. */
#include <errno.h>
#include <sys/mman.h>
#include <sys/resource.h>

#include "log.h"
#include "lvs_proc_priv.h"

#define SPARE_FDS 32

/* --- results of checks --- */

/* The kernel refused: the checker is what it was, and will say so again. */
static void correct(struct lvs_proc *p, uint32_t checker, bool up)
{
	if (lvs_checker_conf(p->lvs, checker)->type != CHECK_MISC)
		lvs_worker_correct(&p->worker, checker, up);
	else if (p->scripts)
		checks_correct(p->scripts, checker, up);
}

static void take_report(struct lvs_proc *p, const struct check_report *r)
{
	if (r->has_weight)
		lvs_check_weight(p->lvs, r->checker, r->weight, r->weight_quiet);
	if (!r->weight_only && !lvs_check_state(p->lvs, r->checker, r->up))
		correct(p, r->checker, !r->up);
}

/* From our own scripts. */
static void script_report(void *arg, const struct check_report *r)
{
	take_report(arg, r);
}

static void worker_report(void *arg, uint32_t checker, bool up)
{
	struct check_report r = { .checker = checker, .up = up };
	struct lvs_proc *p = arg;

	if (lvs_checker_conf(p->lvs, checker)->type != CHECK_MISC)
		take_report(p, &r);
}

/* The states as we know them; what the worker wrote of up and down is not asked. */
static void restore_states(void *arg)
{
	struct lvs_proc *p = arg;
	uint32_t i;

	for (i = 0; i < lvs_nchecker(p->lvs); i++) {
		p->state[i].is_up = lvs_checker(p->lvs, i)->is_up;
		p->state[i].has_run = lvs_checker(p->lvs, i)->has_run;
	}
}

/* --- ha_suspend --- */

/* The worker reads what is written here: the states are shared. */
static void address_changed(void *arg, size_t service, bool here)
{
	struct lvs_proc *p = arg;
	uint32_t i;

	log_info("%s: %s the checks", lvs_service_text(lvs_service(p->lvs, service)),
		 here ? "resuming" : "suspending");
	for (i = 0; i < lvs_nchecker(p->lvs); i++)
		if (lvs_checker(p->lvs, i)->service == lvs_service(p->lvs, service))
			p->state[i].disabled = !here;
}

static void start_suspend(struct lvs_proc *p)
{
	if (!lvs_suspend_needed(p->conf))
		return;
	p->suspend = lvs_suspend_new(p->loop, p->conf, address_changed, p);
	if (!p->suspend)
		log_warn("ha_suspend: checks are not suspended");
}

/* --- checks as a whole --- */

static size_t count_type(struct lvs *l, bool misc)
{
	size_t n = 0;
	uint32_t i;

	for (i = 0; i < lvs_nchecker(l); i++)
		n += (lvs_checker_conf(l, i)->type == CHECK_MISC) == misc;
	return n;
}

struct check_state *lvs_proc_new_states(size_t n, size_t *len)
{
	void *m;

	*len = (n + 1) * sizeof(struct check_state);
	m = mmap(NULL, *len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return m == MAP_FAILED ? NULL : m;
}

/* Every check may have a socket open at the same time. */
static void allow_fds(size_t n)
{
	struct rlimit now, want;

	if (getrlimit(RLIMIT_NOFILE, &now) < 0 || now.rlim_cur >= n + SPARE_FDS)
		return;
	want.rlim_cur = n + SPARE_FDS;
	want.rlim_max = now.rlim_max > want.rlim_cur ? now.rlim_max : want.rlim_cur;
	if (setrlimit(RLIMIT_NOFILE, &want) < 0)
		log_warn("%zu checks need as many descriptors, the limit is %llu", n,
			 (unsigned long long)now.rlim_cur);
}

int lvs_proc_start_checks(struct lvs_proc *p)
{
	struct checks_opts o = {
		.loop = p->loop,
		.conf = p->conf,
		.state = p->state,
		.scripts = true,
		.report = script_report,
		.arg = p,
	};

	size_t network = count_type(p->lvs, false);

	allow_fds(network);
	start_suspend(p);
	if (count_type(p->lvs, true)) {
		p->scripts = checks_new(&o);
		if (!p->scripts)
			return -ENOMEM;
	}
	if (!network)
		return 0;
	p->worker.loop = p->loop;
	p->worker.conf = p->conf;
	p->worker.state = p->state;
	p->worker.nchecker = lvs_nchecker(p->lvs);
	p->worker.report = worker_report;
	p->worker.died = restore_states;
	p->worker.arg = p;
	lvs_worker_start(&p->worker);
	return 0;
}

void lvs_proc_stop_checks(struct lvs_proc *p)
{
	lvs_worker_stop(&p->worker);
	lvs_suspend_free(p->suspend);
	p->suspend = NULL;
	checks_free(p->scripts);
	p->scripts = NULL;
}
