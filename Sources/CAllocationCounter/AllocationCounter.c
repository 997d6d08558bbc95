#include "AllocationCounter.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define RIDGELINE_SANITIZED 1
#endif
#endif

#if defined(__linux__) && defined(__GLIBC__) && !defined(RIDGELINE_SANITIZED)

// The executable's definitions stand before the C library's, whose own entry points do the work.
extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);

static _Thread_local long count;
static atomic_long total;

static void count_allocation(void) {
  count++;
  atomic_fetch_add_explicit(&total, 1, memory_order_relaxed);
}

int ridgeline_counts_allocations(void) { return 1; }
long ridgeline_allocation_count(void) { return count; }
long ridgeline_process_allocation_count(void) { return atomic_load(&total); }

void *malloc(size_t size) {
  count_allocation();
  return __libc_malloc(size);
}

void *calloc(size_t items, size_t size) {
  count_allocation();
  return __libc_calloc(items, size);
}

void *realloc(void *old, size_t size) {
  count_allocation();
  return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  count_allocation();
  return __libc_memalign(alignment, size);
}

int posix_memalign(void **result, size_t alignment, size_t size) {
  count_allocation();
  void *start = __libc_memalign(alignment, size);
  if (start == NULL) return ENOMEM;
  *result = start;
  return 0;
}

#else

int ridgeline_counts_allocations(void) { return 0; }
long ridgeline_allocation_count(void) { return 0; }
long ridgeline_process_allocation_count(void) { return 0; }

#endif
