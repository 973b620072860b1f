/* The few functions of the C library that a driver and its bindings need, without a system below them. */
#include <stdlib.h>
#include <string.h>

#include <stdint.h>

#define PAGE 65536u
/* Sizes are rounded up to powers of two from 16 bytes; a freed piece waits for the next of its size. A reader's instance
   lives for hours, so memory must come back. */
#define SMALLEST 4u
#define CLASSES 21u

extern unsigned char __heap_base;

struct piece {
    uint32_t order;
    uint32_t unused;
    struct piece *next;
};

static uintptr_t top;
static struct piece *waiting[CLASSES];

_Noreturn void abort(void) { __builtin_trap(); }

static uint32_t order_of(size_t size) {
    uint32_t order = 0;
    while (((size_t)1 << (order + SMALLEST)) < size) {
        order++;
        if (order >= CLASSES) abort();
    }
    return order;
}

void *malloc(size_t size) {
    uint32_t order = order_of(size);
    struct piece *piece = waiting[order];
    if (piece) {
        waiting[order] = piece->next;
        return (unsigned char *)piece + 8;
    }
    if (!top) top = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    /* 8 bytes of order, and the content on a multiple of 8. */
    uintptr_t end = top + 8 + ((uintptr_t)1 << (order + SMALLEST));
    uintptr_t have = (uintptr_t)__builtin_wasm_memory_size(0) * PAGE;
    if (end > have && __builtin_wasm_memory_grow(0, (end - have + PAGE - 1) / PAGE) == (size_t)-1) abort();
    piece = (struct piece *)top;
    piece->order = order;
    top = end;
    return (unsigned char *)piece + 8;
}

void free(void *at) {
    if (!at) return;
    struct piece *piece = (struct piece *)((unsigned char *)at - 8);
    if (piece->order >= CLASSES) abort();
    piece->next = waiting[piece->order];
    waiting[piece->order] = piece;
}

void *realloc(void *at, size_t size) {
    if (!at) return malloc(size);
    size_t room = (size_t)1 << (((struct piece *)((unsigned char *)at - 8))->order + SMALLEST);
    if (size <= room) return at;
    void *grown = malloc(size);
    memcpy(grown, at, room);
    free(at);
    return grown;
}

void *memcpy(void *restrict to, const void *restrict from, size_t size) {
    unsigned char *out = to;
    const unsigned char *in = from;
    for (size_t i = 0; i < size; i++) out[i] = in[i];
    return to;
}

void *memmove(void *to, const void *from, size_t size) {
    unsigned char *out = to;
    const unsigned char *in = from;
    if (out < in) for (size_t i = 0; i < size; i++) out[i] = in[i];
    else for (size_t i = size; i > 0; i--) out[i - 1] = in[i - 1];
    return to;
}

void *memset(void *at, int value, size_t size) {
    unsigned char *out = at;
    for (size_t i = 0; i < size; i++) out[i] = (unsigned char)value;
    return at;
}

int memcmp(const void *a, const void *b, size_t size) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < size; i++) if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    return 0;
}

size_t strlen(const char *text) {
    size_t size = 0;
    while (text[size]) size++;
    return size;
}
