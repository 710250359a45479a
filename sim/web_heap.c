/*
 * halbweb's heap is a part of itself, as it may run in memory that it shares with the
 * harness, whose heap the break is the end of (beside.h). These take the place of the C
 * library's own; malloc() maps what does not fit, where it may.
 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>

/* Addresses; memory is what is used of it. A connection takes 8 KiB. */
#define HEAP_SIZE ((size_t)128 << 20)
#define ALIGN	  ((size_t)64)

void *__sbrk(intptr_t more);
void *sbrk(intptr_t more);
void *_dl_early_allocate(size_t size);

static _Alignas(4096) char heap[HEAP_SIZE];
static size_t used;

static void *take(size_t size)
{
	void *at = heap + used;

	if (size > HEAP_SIZE - used)
		return NULL;
	used += size;
	return at;
}

/* Nothing is given back: what is taken again would have to be made zero. */
void *__sbrk(intptr_t more)
{
	void *at = more < 0 ? NULL : take((size_t)more);

	if (at)
		return at;
	errno = ENOMEM;
	return (void *)-1;
}

void *sbrk(intptr_t more)
{
	return __sbrk(more);
}

/* glibc from 2.35 on: for thread-local storage, before there is an errno. */
void *_dl_early_allocate(size_t size)
{
	return take((size + ALIGN - 1) & ~(ALIGN - 1));
}
