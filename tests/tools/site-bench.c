/*
 * How long a site takes to build and to take down, by its number of nodes:
 *
 *	build/site-bench 10 100 1000
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "block.h"
#include "clock.h"
#include "loop.h"
#include "site.h"
#include "topology.h"

static struct topology *large(long n, const char *dir)
{
	struct block_diag d = { .out = stderr };
	struct topology *t;
	char path[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/topology.conf", dir);
	f = fopen(path, "w");
	if (!f)
		return NULL;
	fprintf(f,
		"topology large { link lan\n"
		" server web %ld { interface enp0s3 lan 10.1.0.1/16\n"
		"  lo 10.0.0.200/32\n"
		"  sysctl net.ipv4.conf.all.arp_ignore 1\n"
		"  sysctl net.ipv4.conf.all.arp_announce 2\n"
		"  route default via 10.1.255.254\n"
		"  web 80 \"server %%n\" } }\n",
		n);
	fclose(f);
	t = topology_load(dir, &d);
	unlink(path);
	return t;
}

static int bench(long n)
{
	char dir[] = "/tmp/site-bench.XXXXXX";
	struct site_opts o = { .run_id = "site-bench", .log_dir = dir };
	int64_t read_ns, start, built, freed;
	struct topology *t;
	struct site *s;

	start = clock_now();
	t = mkdtemp(dir) ? large(n, dir) : NULL;
	if (!t)
		return 1;
	read_ns = clock_now() - start;
	o.topo = t;
	o.loop = loop_new();
	start = clock_now();
	s = o.loop ? site_build(&o) : NULL;
	built = clock_now();
	if (!s)
		return 1;
	site_free(s);
	freed = clock_now();
	printf("%6ld nodes: read %8.3f ms, build %9.3f ms (%.3f ms a node), free %9.3f ms\n",
	       n, (double)read_ns / 1e6, (double)(built - start) / 1e6,
	       (double)(built - start) / 1e6 / (double)n, (double)(freed - built) / 1e6);
	fflush(stdout);
	loop_free(o.loop);
	topology_free(t);
	rmdir(dir);
	return 0;
}

int main(int argc, char **argv)
{
	int i, r = 0;

	for (i = 1; i < argc && r == 0; i++)
		r = bench(strtol(argv[i], NULL, 10));
	return r;
}
