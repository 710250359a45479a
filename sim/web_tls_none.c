#include "web_tls.h"

const struct web_tls_ops *const web_tls = NULL;
