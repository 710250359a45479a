/* The half of a run that is in the guest. */
#include "case.h"
#include "cmd.h"
#include "job.h"
#include "run.h"

static const char *const engines[] = { "halbd", "keepalived", NULL };

static int main_(const struct verb *v, int argc, char **argv)
{
	const char *in = "/in", *out = "/out";
	uint64_t seed = 1, phase_ns = 0;
	int engine = 0, r;
	bool pcap = false;
	const struct opt opt[] = {
		{ "engine", 0, OPT_CHOICE, &engine, "NAME", "halbd or keepalived", 0, 0,
		  engines },
		{ "seed", 0, OPT_NUMBER, &seed, "N", "of the run", 0, INT64_MAX, NULL },
		{ "phase", 0, OPT_NUMBER, &phase_ns, "NS", "the first fault comes so much later",
		  0, INT64_MAX, NULL },
		{ "pcap", 0, OPT_FLAG, &pcap, NULL, "captures of every link", 0, 0, NULL },
		{ "in", 0, OPT_TEXT, &in, "DIR", "input (/in)", 0, 0, NULL },
		{ "out", 0, OPT_TEXT, &out, "DIR", "output (/out)", 0, 0, NULL },
	};

	r = opts_read(v, opt, sizeof(opt) / sizeof(opt[0]), &argc, &argv);
	if (r != OPTS_GO)
		return r;
	if (argc != 1)
		return opts_usage_error(v, "one folder under /in/cases");
	return job_inside(in, argv[0], out, engine ? ENGINE_KEEPALIVED : ENGINE_HALBD,
			  "virtual", seed, "guest", pcap, (int64_t)phase_ns);
}

const struct verb verb_run_inside = {
	.name = "run-inside",
	.args = "FOLDER",
	.summary = "the half of a run that is in the guest",
	.run = main_,
};
