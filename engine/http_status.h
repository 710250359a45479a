/* Which statuses of a reply a check takes. Pure. */
#ifndef HALBD_HTTP_STATUS_H
#define HALBD_HTTP_STATUS_H

#include <stdbool.h>

struct http_url_conf;

#define HTTP_STATUS_MIN 100
#define HTTP_STATUS_MAX 599

/* Is this one wanted? Without a status_code any 200-299 is, as in keepalived 2.2.7. */
bool http_status_wanted(const struct http_url_conf *url, int status);

#endif
