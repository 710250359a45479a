#include "conf_test.h"

#include "conf.h"

int conf_test(const char *path, FILE *out, unsigned int flags)
{
	struct conf_options opt = {
		.path = path,
		.out = out,
		.test = true,
		.kinds = flags & CONF_TEST_KINDS,
	};
	enum conf_status status;
	struct conf *c = conf_load_with(&opt, &status);

	conf_free(c);
	if (!(flags & CONF_TEST_EFFECTIVE))
		return (int)status;
	/* As the daemon reads it, which takes more than -t does. */
	opt.test = false;
	opt.out = NULL;
	c = conf_load_with(&opt, &(enum conf_status){ CONF_OK });
	if (c)
		conf_print_effective(stdout, c);
	conf_free(c);
	return (int)status;
}
