/* Texts kept once: equal texts give equal pointers, for the life of the set. */
#ifndef HALBSIM_INTERN_H
#define HALBSIM_INTERN_H

struct intern;

/* Returns an empty set, or NULL when memory runs out. Free with intern_free(). */
struct intern *intern_new(void);
void intern_free(struct intern *in);

/* The set's own copy of `text`; NULL for NULL, or when memory runs out. */
const char *intern_get(struct intern *in, const char *text);

#endif
