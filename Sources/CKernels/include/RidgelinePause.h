#ifndef RIDGELINE_PAUSE_H
#define RIDGELINE_PAUSE_H

/// Tells the processor that this is a spin loop, so that a sibling thread of the same core gets its units meanwhile.
static inline void ridgeline_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ __volatile__("yield");
#endif
}

#endif
