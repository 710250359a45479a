/* Generic cell rate algorithm (ITU-T I.371, annex A), by virtual scheduling. */
#include "check_pace.h"

#include "clock.h"

#define LEAST_PER_SECOND 2000 /* a SYN costs the kernel some 10 us: 2 % of one CPU */
#define BURST_NS	 (8 * NS_PER_MS)

void check_pace_init(struct check_pace *p, double per_second)
{
	double rate = 2 * per_second;

	if (rate < LEAST_PER_SECOND)
		rate = LEAST_PER_SECOND;
	p->gap_ns = (int64_t)((double)NS_PER_S / rate);
	p->burst_ns = BURST_NS;
	p->next_ns = 0;
}

int64_t check_pace_turn(struct check_pace *p, int64_t now_ns)
{
	int64_t at = p->next_ns - p->burst_ns;

	if (p->next_ns < now_ns)
		p->next_ns = now_ns;
	p->next_ns += p->gap_ns;
	return at > now_ns ? at : now_ns;
}
