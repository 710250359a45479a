/* What the VRRP process and halbd's parent say to each other. */
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "clock.h"
#include "log.h"
#include "vrrp_proc_priv.h"

size_t vrrp_proc_index(const struct vrrp_proc *p, const struct vrrp_inst *i)
{
	size_t n;

	for (n = 0; n < p->ninst && p->inst[n] != i; n++)
		;
	return n;
}

bool vrrp_proc_tell(struct vrrp_proc *p, uint32_t type, size_t index, uint32_t state,
		    uint32_t priority)
{
	struct vrrp_msg m = { .type = type, .generation = p->generation,
			      .index = (uint32_t)index, .state = state,
			      .priority = priority };

	if (p->parent_fd < 0)
		return true;
	if (send(p->parent_fd, &m, sizeof(m), MSG_DONTWAIT | MSG_NOSIGNAL) >= 0)
		return true;
	if (errno != EAGAIN)
		return true;
	loop_fd_mod(p->env.loop, &p->parent_watch, EPOLLIN | EPOLLOUT);
	return false;
}

void vrrp_proc_tell_state(struct vrrp_proc *p, struct vrrp_inst *i)
{
	/* Waiting for its scripts is nothing to notify of. */
	if (i->v.why == VRRP_WHY_SCRIPT_WAIT)
		return;
	i->untold = !vrrp_proc_tell(
		p, i->v.state == VRRP_STOPPED ? VRRP_MSG_STOP : VRRP_MSG_INSTANCE,
		vrrp_proc_index(p, i), i->v.state, i->v.priority);
}

static void script_answered(struct vrrp_proc *p, size_t script, bool good)
{
	enum vrrp_health h;
	int64_t now;
	size_t n;

	if (script >= p->conf->nscript)
		return;
	h = vrrp_script_answer(&p->script[script], good);
	if (h == VRRP_UNKNOWN)
		return;
	now = clock_now();
	log_info("script %s %s", p->conf->script[script].name,
		 h == VRRP_GOOD ? "succeeds" : "fails");
	for (n = 0; n < p->ninst; n++)
		vrrp_inst_script(p->inst[n], script, h, now);
}

static void message(struct vrrp_proc *p, struct vrrp_msg *m)
{
	size_t n;

	m->text[sizeof(m->text) - 1] = '\0';
	if (m->type == VRRP_MSG_RELOAD) {
		p->generation = m->generation;
		vrrp_proc_reload(p, m->text);
	} else if (m->type == VRRP_MSG_DUMP) {
		if (vrrp_proc_dump(p, m->text) < 0)
			log_warn("cannot write %s.data", m->text);
		for (n = 0; m->state && n < p->ninst; n++)
			memset(&p->inst[n]->v.count, 0, sizeof(p->inst[n]->v.count));
	} else if (m->type == VRRP_MSG_SCRIPT && m->generation == p->generation) {
		script_answered(p, m->index, m->state != 0);
	}
}

void vrrp_proc_parent_ready(struct loop_fd *f, uint32_t revents, void *arg)
{
	struct vrrp_proc *p = arg;
	struct vrrp_msg m;
	ssize_t n;
	size_t i;

	if (revents & EPOLLOUT) {
		loop_fd_mod(p->env.loop, f, EPOLLIN);
		for (i = 0; i < p->ninst; i++)
			if (p->inst[i]->untold)
				vrrp_proc_tell_state(p, p->inst[i]);
	}
	while ((n = recv(p->parent_fd, &m, sizeof(m), MSG_DONTWAIT)) == (ssize_t)sizeof(m))
		message(p, &m);
	if (n == 0)
		loop_stop(p->env.loop, 0); /* the parent is gone */
}
