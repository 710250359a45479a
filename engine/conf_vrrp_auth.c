/* authentication of vrrp_instance. */
#include <string.h>

#include "conf_vrrp_words.h"

static void auth_type(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	const char *text = conf_word(c, 1);

	if (c->give_up)
		return;
	b->auth_pos = conf_here(c, 0);
	if (!strcmp(text, "AH"))
		b->v.auth = VRRP_AUTH_AH;
	else if (!strcmp(text, "PASS"))
		b->v.auth = VRRP_AUTH_PASS;
	else
		conf_say(c, K_AUTH, 0,
			 "(%s) auth_type is PASS or AH; '%s' is ignored%s", name(c), text,
			 b->v.auth ? ", and no password is set; did you mean 'auth_pass'?" : "");
}

static void auth_pass(struct conf_ctx *c)
{
	struct vrrp_build *b = cur(c);
	const char *text = conf_word(c, 1);
	size_t len = strlen(text);

	if (c->give_up)
		return;
	if (len > sizeof(b->v.auth_data)) {
		len = sizeof(b->v.auth_data);
		conf_say(c, K_AUTH, 1, "a password has 8 bytes on the wire; '%.8s' counts",
			 text);
	}
	memset(b->v.auth_data, 0, sizeof(b->v.auth_data));
	memcpy(b->v.auth_data, text, len);
}

static const struct conf_kw auth_words[] = {
	{ .name = "auth_pass", .fn = auth_pass },
	{ .name = "auth_type", .fn = auth_type },
};

const struct conf_block conf_auth_block =
	CONF_BLOCK(auth_words, NULL, conf_vrrp_alive, "authentication");
