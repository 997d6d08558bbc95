#ifndef RIDGELINE_HEAP_H
#define RIDGELINE_HEAP_H

#include <stdlib.h>
#if defined(__GLIBC__)
#include <malloc.h>
#endif

/// Gives freed memory that the allocator keeps back to the system, where it can be asked to.
static inline void ridgeline_give_back_freed_memory(void) {
#if defined(__GLIBC__)
  malloc_trim(0);
#endif
}

#endif
