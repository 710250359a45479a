/*
 * A keepalived.conf for a topology of any size. Between two comments of its own,
 *
 *	#halbsim each web
 *	real_server %a 80 { … }
 *	#halbsim end
 *
 * lines are there once for every node of `server web COUNT` in the topology:
 * %a is the node's first address, %n its number, %% a percent sign. Files
 * without such comments are nobody's business here.
 */
#ifndef HALBSIM_CONF_EACH_H
#define HALBSIM_CONF_EACH_H

struct block_diag;
struct topology;

/*
 * Reads a file. Returns 0 with *text NULL when nothing in it is to be repeated,
 * or malloc'd with all of that done. -1 after an error in `d`.
 */
int conf_each_read(const char *path, const struct topology *t, struct block_diag *d,
		   char **text);

#endif
