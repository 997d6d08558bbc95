#ifndef RIDGELINE_ALLOCATION_COUNTER_H
#define RIDGELINE_ALLOCATION_COUNTER_H

/// Whether allocations are counted in this process: on Linux without a sanitizer.
int ridgeline_counts_allocations(void);

/// How often the calling thread has asked for heap memory so far.
long ridgeline_allocation_count(void);

/// How often all threads of the process together have asked for heap memory so far.
long ridgeline_process_allocation_count(void);

#endif
