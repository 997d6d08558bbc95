// The processor's own limit: multiply-adds that wait for nothing but each other.

static ptrdiff_t NAME(register_multiply_adds)(ptrdiff_t rounds, TYPE *out) {
  // Factors that the compiler cannot know, near a fixed point so that the sums stay ordinary numbers.
  volatile TYPE half = (TYPE)0.5, one = (TYPE)1;
  const NAME(vector) factor = (NAME(vector))(half), term = (NAME(vector))(one);
  NAME(vector) sum[RIDGELINE_REGISTER_BLOCK];
#pragma clang loop unroll(full)
  for (int k = 0; k < RIDGELINE_REGISTER_BLOCK; k++) sum[k] = (NAME(vector))((TYPE)k);
  for (ptrdiff_t round = 0; round < rounds; round++) {
#pragma clang loop unroll(full)
    for (int k = 0; k < RIDGELINE_REGISTER_BLOCK; k++) sum[k] = FMA(sum[k], factor, term);
  }
  TYPE total = 0;
  for (int k = 0; k < RIDGELINE_REGISTER_BLOCK; k++) {
    for (int lane = 0; lane < NAME(width); lane++) total += sum[k][lane];
  }
  *out = total;
  return rounds * RIDGELINE_REGISTER_BLOCK * NAME(width);
}
