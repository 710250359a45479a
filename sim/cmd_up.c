/* halbsim up: a site that stays, to walk around in. */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd.h"
#include "cmd_up.h"
#include "conf_copy.h"
#include "guest.h"
#include "guest_live.h"
#include "hold.h"
#include "job.h"
#include "live.h"
#include "live_client.h"
#include "log.h"
#include "need.h"
#include "paths.h"
#include "run.h"
#include "siteconf.h"
#include "span.h"

static const char *const times[] = { "virtual", "real", NULL };
static const char *const engines[] = { "case", "halbd", "keepalived", NULL };

/* --- the holder --- */

static int hold_real(const struct up *u, const char *out, const struct live_doors *doors)
{
	char id[32];
	const struct job_inside j = { .in = u->input, .folder = u->folder, .out = out,
				      .engine = u->engine, .time = "real", .seed = u->seed,
				      .run_id = id, .doors = doors, .up = true };

	snprintf(id, sizeof(id), "r%d", (int)getpid());
	return job_inside_with(&j);
}

static struct guest_opts guest_of(const struct up *u)
{
	return (struct guest_opts){ .kernel = u->kernel, .modules = u->modules,
				    .seed = u->seed, .cold = u->cold, .console_fd = -1 };
}

static int hold_guest(const struct up *u, const struct live_doors *doors)
{
	const char *argv[] = { "run-inside", "--up", "--engine", engine_name(u->engine),
			       u->folder, NULL };
	struct guest_opts o = guest_of(u);
	int r = guest_live(&o, u->input, argv, doors->listen_fd, doors->owner_fd);

	return r == -ENOENT ? EXIT_SKIPPED : r < 0 ? EXIT_SOFTWARE : r;
}

static void holder(struct up *u, int owner_fd) __attribute__((noreturn));
static void holder(struct up *u, int owner_fd)
{
	struct live_doors doors = { .listen_fd = live_dir_listen(&u->dir),
				    .owner_fd = owner_fd };
	char *out = path_join(u->dir.path, "run");
	int r = EXIT_SOFTWARE;

	/* Where `clean` finds it should the folder be removed by somebody. */
	if (doors.listen_fd < 0 || !out || conf_make_dirs(out) < 0 || chdir(u->dir.path) < 0)
		log_warn("%s", u->dir.path);
	else if (u->time)
		r = hold_real(u, out, &doors);
	else
		r = hold_guest(u, &doors);
	live_dir_remove(&u->dir);
	_exit(r);
}

/* --- bringing it up --- */

struct watching {
	bool quiet;
};

static void got(const struct talk *t, void *arg)
{
	const struct watching *w = arg;

	if (!w->quiet)
		live_print_line(t, NULL);
}

static volatile sig_atomic_t stopped_by;
static volatile sig_atomic_t stop_fd = -1;

/* Ends the conversation: what we wait for will not come any more. */
static void on_signal(int signo)
{
	stopped_by = signo;
	if (stop_fd >= 0)
		shutdown(stop_fd, SHUT_RDWR);
}

static void catch_signals(void)
{
	const struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
}

static void say_up(const struct up *u)
{
	const struct siteconf *sc = u->c->siteconf;
	const char *node = sc && sc->n ? sc->v[0].node->name : u->c->topo->node[0].name;
	char name[LIVE_NAME_MAX + 24];

	name[0] = '\0';
	if (strcmp(u->dir.name, u->folder) != 0 || u->name)
		snprintf(name, sizeof(name), " -n %s", u->dir.name);
	printf("site %s is up (%s, %s)\n"
	       "  halbsim status%s              masters, addresses, IPVS tables, clients\n"
	       "  halbsim sh%s %s             a shell in there; exec %s -- COMMAND\n"
	       "  halbsim fault%s crash %s    any fault of a timeline, now\n"
	       "  halbsim events%s              what happens, as it happens\n"
	       "  halbsim down %s\n",
	       u->dir.name, engine_name(u->engine),
	       u->time ? "in this machine's kernel" : "in the guest, in step with the clock",
	       name, name, node, node, name, node, name, u->dir.name);
}

/* Until it is settled, never will be, or nobody wants it any more. */
static int watch(struct up *u, pid_t pid, int fd, int log_fd)
{
	struct watching w = { u->quiet };
	int r, status;

	stop_fd = fd;
	r = stopped_by ? -EINTR : live_hear(fd, got, &w);
	stop_fd = -1;
	if (stopped_by && r < 0)
		hold_end(pid);
	if (r < 0) { /* the holder has ended, or is about to */
		status = hold_wait(pid);
		if (!stopped_by)
			hold_show_log(log_fd);
		live_dir_remove(&u->dir);
		return stopped_by ? 128 + stopped_by : status ? status : EXIT_SOFTWARE;
	}
	if (r == EXIT_HELD && !u->quiet)
		say_up(u);
	else if (r == EXIT_INCONCLUSIVE)
		log_warnx("site %s is up all the same, to be looked at (halbsim status; "
			  "halbsim down %s)", u->dir.name, u->dir.name);
	return r;
}

static int bring_up(struct up *u)
{
	char *log = path_join(u->dir.path, "log");
	int sv[2] = { -1, -1 }, log_fd = log ? hold_log(log) : -1, r = EXIT_SOFTWARE;
	pid_t pid = -1;

	if (log_fd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, sv) < 0 ||
	    live_ask(sv[0], json_pack("{s:s, s:b}", "verb", "wait", "owner", 1)) < 0)
		log_warn("%s", u->dir.path);
	else
		pid = hold_fork(log_fd);
	if (pid == 0) {
		close(sv[0]);
		holder(u, sv[1]);
	}
	if (sv[1] >= 0)
		close(sv[1]);
	if (pid > 0) {
		r = watch(u, pid, sv[0], log_fd);
		live_dir_finish(&u->dir); /* the holder's from here on */
	}
	if (sv[0] >= 0)
		close(sv[0]);
	if (log_fd >= 0)
		close(log_fd);
	free(log);
	return r;
}

/* Before there is anything that an interruption could leave behind. */
static int prepare(struct up *u)
{
	struct guest_opts o = guest_of(u);
	int r;

	if (u->time)
		return need_real() ? EXIT_SKIPPED : 0;
	r = guest_prepare(&o);
	return r == -ENOENT ? EXIT_SKIPPED : r < 0 ? EXIT_SOFTWARE : 0;
}

static int check_needs(struct up *u)
{
	if (u->c->engine_only && u->c->engine != u->engine) {
		log_warnx("%s: this case is for %s alone", u->c->name,
			  engine_name(u->c->engine));
		return EXIT_SKIPPED;
	}
	if (u->time && need_real_for(u->c->topo))
		return EXIT_SKIPPED;
	return need_programs(u->c, u->engine) ? EXIT_SKIPPED : 0;
}

static int up(struct up *u, const char *arg)
{
	char *topo = NULL;
	struct case_ *c = NULL;
	int r = up_find(u, arg, &topo, &c);

	u->dir.lock_fd = u->dir.dir_fd = -1;
	if (!r)
		r = prepare(u);
	catch_signals();
	if (!r)
		r = up_make_dir(u, topo, c);
	if (!r)
		r = check_needs(u);
	if (!r)
		r = bring_up(u);
	/* What was made and is nobody else's now. */
	if (u->dir.lock_fd >= 0)
		live_dir_remove(&u->dir);
	guest_release();
	case_free(u->c);
	case_free(c);
	free(topo);
	free(u->root);
	free(u->input);
	free(u->folder);
	return r;
}

static const char about_text[] =
	"Builds the site of a topology (with a client that asks ten times a second), or\n"
	"of a case (with its traffic and configuration; its timeline is not carried out),\n"
	"and returns once it is settled. The site stays until `halbsim down`.\n"
	"\n"
	"In the guest (the default) no root is needed. The site's clock then goes in step\n"
	"with the wall's while it has little to do, and falls behind when it has much:\n"
	"timings there are for looking, not for claims. Real time builds it in this\n"
	"machine's own kernel.\n"
	"\n"
	"Exit: 0 settled; 2 it never did (it is up all the same); 4 something needed is\n"
	"missing; 64 wrong usage, a file in error, the name is taken; 70 it failed.";

static int main_(const struct verb *v, int argc, char **argv)
{
	struct up u = { .seed = 1 };
	const struct opt opt[] = {
		{ "name", 'n', OPT_TEXT, &u.name, "NAME",
		  "what the site is called (as its topology or case)", 0, 0, NULL },
		{ "time", 't', OPT_CHOICE, &u.time, "KIND", "virtual (default) or real", 0, 0,
		  times },
		{ "engine", 'e', OPT_CHOICE, &u.engine_opt, "NAME",
		  "halbd or keepalived; by default what the case says, else halbd", 0, 0,
		  engines },
		{ "seed", 's', OPT_NUMBER, &u.seed, "N",
		  "everything random in the guest comes from it (1)", 0, INT32_MAX, NULL },
		{ "quiet", 'q', OPT_FLAG, &u.quiet, NULL, "say nothing when it is up", 0, 0,
		  NULL },
		{ "kernel", 0, OPT_TEXT, &u.kernel, "VMLINUZ",
		  "the guest's kernel (what `make guest` fetched)", 0, 0, NULL },
		{ "modules", 0, OPT_TEXT, &u.modules, "DIR", "its modules (beside it)", 0, 0,
		  NULL },
		{ "cold", 0, OPT_FLAG, &u.cold, NULL,
		  "boot the guest instead of restoring a saved one", 0, 0, NULL },
	};
	int r;

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 1)
		return opts_usage_error(v, argc ? "one topology or case" :
						  "which topology or case? (halbsim list)");
	if (u.name && !live_name_ok(u.name))
		return opts_usage_error(v, "a name has letters, digits, '.', '_' and '-', at "
					   "most %d of them; got '%s'", LIVE_NAME_MAX, u.name);
	return up(&u, argv[0]);
}

const struct verb verb_up = {
	.name = "up",
	.args = "TOPOLOGY|CASE",
	.summary = "a site that stays, to walk around in",
	.about = about_text,
	.run = main_,
};
