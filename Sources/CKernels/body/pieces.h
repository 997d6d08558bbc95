// Few channels as vectors: with sizes known to the compiler, a pixel of 3 or 6 channels is moved in one instruction or two.

/// Runs `STEP(n)` for pieces of 16, 8, 4, 2 and 1 channels from channel c on: with sizes known to the compiler, few
/// channels are vectors too.
#define FOR_PIECES(STEP, channels)                \
  do {                                            \
    ptrdiff_t c = 0;                              \
    for (; (channels) - c >= 16; c += 16) STEP(16) \
    for (; (channels) - c >= 8; c += 8) STEP(8)   \
    for (; (channels) - c >= 4; c += 4) STEP(4)   \
    for (; (channels) - c >= 2; c += 2) STEP(2)   \
    for (; (channels) - c >= 1; c += 1) STEP(1)   \
  } while (0)

/// Runs `STEP(n)` for the pieces of a pixel's channels from channel c on: one vector that may hang over, or exact ones.
#define FOR_WIDE_PIECES(STEP, channels)        \
  do {                                         \
    const ptrdiff_t c = 0;                     \
    if ((channels) > 16) {                     \
      FOR_PIECES(STEP, channels);              \
    } else if ((channels) > 8) {               \
      STEP(16)                                 \
    } else if ((channels) > 4) {               \
      STEP(8)                                  \
    } else {                                   \
      STEP(4)                                  \
    }                                          \
  } while (0)

/// The first pixels of `count` whose vectors do not hang over the end of the last.
static inline ptrdiff_t NAME(wide_pixels)(ptrdiff_t count, ptrdiff_t channels) {
  ptrdiff_t piece = channels > 16 ? 1 : channels > 8 ? 16 : channels > 4 ? 8 : 4;
  return ridgeline_larger(0, count - (ridgeline_larger(piece - channels, 0) + channels - 1) / channels);
}
