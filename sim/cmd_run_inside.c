/* The half of a run that is in the guest. */
#include <errno.h>

#include "case.h"
#include "cmd.h"
#include "guest_live.h"
#include "guest_serve.h"
#include "job.h"
#include "live.h"
#include "log.h"
#include "progress.h"
#include "run.h"

static const char *const engines[] = { "halbd", "keepalived", NULL };

/* All is in /out; when the host wants no more of this guest, it ends it here. */
static bool ended(void *arg)
{
	return guest_hand_over(0) == 0 && guest_live_doors(arg) == 0;
}

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *in = "/in", *out = "/out";
	uint64_t seed = 1, phase_ns = 0;
	int engine = 0, r;
	bool pcap = false, up = false, keep = false, branch = false, rehearsal = false;
	struct live_doors doors = { .listen_fd = -1, .owner_fd = -1 };
	struct job_inside j = { .time = "virtual", .run_id = "guest", .ended = ended,
				.arg = &doors };
	const struct opt opt[] = {
		{ "engine", 0, OPT_CHOICE, &engine, "NAME", "halbd or keepalived", 0, 0,
		  engines },
		{ "engine-version", 0, OPT_TEXT, &j.engine_version, "TEXT",
		  "what the engine calls itself", 0, 0, NULL },
		{ "seed", 0, OPT_NUMBER, &seed, "N", "of the run", 0, INT64_MAX, NULL },
		{ "phase", 0, OPT_NUMBER, &phase_ns, "NS", "the first fault comes so much later",
		  0, INT64_MAX, NULL },
		{ "pcap", 0, OPT_FLAG, &pcap, NULL, "captures of every link", 0, 0, NULL },
		{ "branch", 0, OPT_FLAG, &branch, NULL, "may be saved before its first fault", 0, 0,
		  NULL },
		{ "up", 0, OPT_FLAG, &up, NULL, "a site to walk around in", 0, 0, NULL },
		{ "keep", 0, OPT_FLAG, &keep, NULL, "the same, once the case is over", 0, 0,
		  NULL },
		{ "rehearsal", 0, OPT_FLAG, &rehearsal, NULL, "the guest goes on afterwards", 0,
		  0, NULL },
		{ "in", 0, OPT_TEXT, &in, "DIR", "input (/in)", 0, 0, NULL },
		{ "out", 0, OPT_TEXT, &out, "DIR", "output (/out)", 0, 0, NULL },
	};

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 1)
		return opts_usage_error(v, "one folder under /in/cases");
	j.in = in;
	j.folder = argv[0];
	j.out = out;
	j.engine = engine ? ENGINE_KEEPALIVED : ENGINE_HALBD;
	j.seed = seed;
	j.pcap = pcap;
	j.phase_ns = (int64_t)phase_ns;
	j.up = up;
	j.branch = branch;
	j.rehearsal = rehearsal;
	j.progress = rehearsal ? NULL : progress_guest();
	if (up || keep) {
		/* (kept, it opens them only then: a run is a run) */
		r = up ? guest_live_doors(&doors) : 0;
		if (r < 0) {
			errno = -r;
			log_warn("cannot open the way out of the guest");
			return EXIT_SOFTWARE;
		}
		j.doors = &doors;
	}
	return job_inside_with(&j);
}

const struct verb verb_run_inside = {
	.name = "run-inside",
	.args = "FOLDER",
	.summary = "the half of a run that is in the guest",
	.run = main_,
};
