/* The verbs. Each cmd_x.c holds one (opts.h: struct verb). */
#ifndef HALBSIM_CMD_H
#define HALBSIM_CMD_H

#include "opts.h"

extern const struct verb verb_run, verb_check, verb_list, verb_diff, verb_report,
	verb_sweep, verb_merge, verb_compare, verb_baseline, verb_history, verb_replay, verb_clean, verb_doctor, verb_up, verb_down,
	verb_status, verb_sh, verb_exec, verb_fault, verb_events;

/*
 * The half of `run` that is in the guest (cmd_run_inside.c), not for people:
 * `halbsim run-inside`. Input in /in, output into /out.
 */
extern const struct verb verb_run_inside;

#endif
