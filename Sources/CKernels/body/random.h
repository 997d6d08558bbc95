// Random numbers by counter (Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3", SC11):
// draw i is a function of key and counter + i alone, so any part of a sequence can be made anywhere, again.

#ifndef RIDGELINE_PHILOX
#define RIDGELINE_PHILOX
/// Blocks of four words made side by side.
enum { philox_blocks = 16 };
#endif

/// words[4 * j + w] = word w of block first + j, for 16 consecutive blocks.
static void NAME(philox_words)(uint64_t key, uint64_t first, uint32_t *restrict words) {
  uint32_t c0[philox_blocks], c1[philox_blocks], c2[philox_blocks], c3[philox_blocks];
  for (int j = 0; j < philox_blocks; j++) {
    uint64_t block = first + (uint64_t)j;
    c0[j] = (uint32_t)block;
    c1[j] = (uint32_t)(block >> 32);
    c2[j] = 0;
    c3[j] = 0;
  }
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  for (int round = 0; round < 10; round++) {
    for (int j = 0; j < philox_blocks; j++) {
      uint64_t p0 = (uint64_t)0xD2511F53u * c0[j], p1 = (uint64_t)0xCD9E8D57u * c2[j];
      c0[j] = (uint32_t)(p1 >> 32) ^ c1[j] ^ k0;
      c1[j] = (uint32_t)p1;
      c2[j] = (uint32_t)(p0 >> 32) ^ c3[j] ^ k1;
      c3[j] = (uint32_t)p0;
    }
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  for (int j = 0; j < philox_blocks; j++) {
    words[4 * j] = c0[j];
    words[4 * j + 1] = c1[j];
    words[4 * j + 2] = c2[j];
    words[4 * j + 3] = c3[j];
  }
}

/// Words that one draw takes: 24 bits of a float come from one word, 53 bits of a double from two.
enum { NAME(words_per_draw) = sizeof(TYPE) / 4 };

static inline TYPE NAME(unit_interval)(const uint32_t *words) {
  if (sizeof(TYPE) == 4) return (TYPE)(words[0] >> 8) * (TYPE)0x1p-24;
  return (TYPE)((((uint64_t)words[1] << 32) | words[0]) >> 11) * (TYPE)0x1p-53;
}

static void NAME(philox_uniform)(uint64_t key, uint64_t counter, ptrdiff_t count, TYPE *out) {
  enum { draws_per_block = 4 / NAME(words_per_draw), draws = philox_blocks * draws_per_block };
  uint32_t words[4 * philox_blocks];
  uint64_t block = counter / draws_per_block;
  ptrdiff_t skip = (ptrdiff_t)(counter % draws_per_block);
  while (count > 0) {
    NAME(philox_words)(key, block, words);
    ptrdiff_t made = ridgeline_smaller(count, draws - skip);
    for (ptrdiff_t i = 0; i < made; i++) out[i] = NAME(unit_interval)(words + (i + skip) * NAME(words_per_draw));
    out += made;
    count -= made;
    block += philox_blocks;
    skip = 0;
  }
}

/// out[i] = x[i] * scale where word counter + i is at least rate * 2^32, 0 elsewhere. The mask is the same for both
/// types, and is made again from key and counter, so the gradient is the same call on the gradient.
static void NAME(dropout)(uint64_t key, uint64_t counter, ptrdiff_t count, double rate, TYPE scale, const TYPE *x,
                          TYPE *out) {
  uint32_t words[4 * philox_blocks];
  double scaled = rate * 0x1p32;
  uint64_t threshold = scaled >= 0x1p32 ? (uint64_t)1 << 32 : scaled > 0 ? (uint64_t)scaled : 0;
  uint64_t block = counter / 4;
  ptrdiff_t skip = (ptrdiff_t)(counter % 4);
  while (count > 0) {
    NAME(philox_words)(key, block, words);
    ptrdiff_t made = ridgeline_smaller(count, 4 * philox_blocks - skip);
    INDEPENDENT
    for (ptrdiff_t i = 0; i < made; i++) out[i] = words[i + skip] >= threshold ? x[i] * scale : (TYPE)0;
    x += made;
    out += made;
    count -= made;
    block += philox_blocks;
    skip = 0;
  }
}
