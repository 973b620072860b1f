/* What a driver has of the C library. */
#ifndef DIANKA_STDLIB_H
#define DIANKA_STDLIB_H
#include <stddef.h>
void *malloc(size_t size);
void *realloc(void *at, size_t size);
void free(void *at);
_Noreturn void abort(void);
#endif
