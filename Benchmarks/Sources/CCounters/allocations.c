/* Counts allocations: of the program that it is linked into, or of one that it is preloaded into, in a file that others can read
 * while it runs.
 *
 *   cc -O2 -shared -fPIC -I include -o allocations.so allocations.c
 *   STILE_MALLOC_COUNT=/tmp/count LD_PRELOAD=./allocations.so PROGRAM
 */
#define _GNU_SOURCE
#include "counters.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Atomic unsigned long nowhere;
static _Atomic unsigned long *count = &nowhere;

__attribute__((constructor)) static void start(void) {
    const char *path = getenv("STILE_MALLOC_COUNT");
    if (!path) return;
    int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || ftruncate(file, sizeof *count) != 0) return;
    void *page = mmap(NULL, sizeof *count, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (page != MAP_FAILED) count = page;
}

static void one(void) { atomic_fetch_add_explicit(count, 1, memory_order_relaxed); }

uint64_t counters_allocations(void) { return atomic_load_explicit(count, memory_order_relaxed); }

/* An executable's own malloc, and a preloaded one, come before libc's. */
void *malloc(size_t size) { one(); return __libc_malloc(size); }
void *calloc(size_t number, size_t size) { one(); return __libc_calloc(number, size); }
void *realloc(void *old, size_t size) { one(); return __libc_realloc(old, size); }
void *aligned_alloc(size_t alignment, size_t size) { one(); return __libc_memalign(alignment, size); }
int posix_memalign(void **result, size_t alignment, size_t size) {
    one();
    *result = __libc_memalign(alignment, size);
    return *result ? 0 : 12; /* ENOMEM */
}
