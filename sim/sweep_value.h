#ifndef HALBSIM_SWEEP_VALUE_H
#define HALBSIM_SWEEP_VALUE_H

struct case_;

/*
 * Sets NAME to VALUE in a copy of both folders and reads the case from there. Warns
 * of what an engine says about its file that it did not say of `was`, the case as
 * written: a value that it ignores or replaces, for example. 0, or an exit code
 * after a message.
 */
int sweep_value_try(const struct case_ *was, const char *case_dir, const char *topo_dir,
		    const char *name, const char *value);

#endif
