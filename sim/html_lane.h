/* Between html_lanes.c, the plot of all lanes, and html_lane.c, one of them. */
#ifndef HALBSIM_HTML_LANE_H
#define HALBSIM_HTML_LANE_H

#include "html_page.h"

/* The lane numbered `at` of the page, which its ids are made of. 0 or -ENOMEM. */
int html_lane(const struct html_page *p, const struct lane *l, size_t at);

#endif
