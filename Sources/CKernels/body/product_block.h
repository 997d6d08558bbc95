// The inner loop of products whose sums stay in registers while elements of A are broadcast to all lanes.

enum {
  /// Most rows and vectors of a block of sums.
  NAME(block_rows) = 12,
  NAME(block_vectors) = 4,
  /// Elements of a cache line.
  NAME(cache_line) = 64 / sizeof(TYPE),
};

/// What is fetched for later, `count` elements on: it may lie behind the matrix, where the rows of a thread's next task are, or
/// nothing.
static inline const TYPE *NAME(ahead_of)(const TYPE *from, ptrdiff_t count) {
  return (const TYPE *)((uintptr_t)from + (uintptr_t)count * sizeof(TYPE));
}

/// sum[r * vectors + v] += over d of a[r * row_pitch + d * depth_pitch] * b[d * b_pitch + v * width]. For each d a line of each
/// of so many `stretches`, `ahead_pitch` apart from `ahead` on, is fetched into the second-level cache.
static inline __attribute__((always_inline)) void NAME(add_products)(
    const int rows, const int vectors, ptrdiff_t depth, const TYPE *a, ptrdiff_t row_pitch, ptrdiff_t depth_pitch,
    const TYPE *b, ptrdiff_t b_pitch, const TYPE *ahead, const int stretches, ptrdiff_t ahead_pitch, NAME(vector) *sum) {
  // A few rows to a pointer: one for each row would not stay in registers, and of one alone each load would wait for the last.
  const TYPE *left[NAME(block_rows) / 4];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r += 4) left[r / 4] = a + r * row_pitch;
  for (ptrdiff_t d = 0; d < depth; d++) {
    NAME(vector) weight[NAME(block_vectors)];
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r += 4) __asm__("" : "+r"(left[r / 4]));
#pragma clang loop unroll(full)
    for (int k = 0; k < stretches; k++) {
      __builtin_prefetch(NAME(ahead_of)(ahead, k * ahead_pitch + d * NAME(cache_line)), 0, 2);
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) weight[v] = NAME(load)(b + d * b_pitch + v * NAME(width));
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      const NAME(vector) x = (NAME(vector))(left[r / 4][r % 4 * row_pitch]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sum[r * vectors + v] = FMA(x, weight[v], sum[r * vectors + v]);
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r += 4) left[r / 4] += depth_pitch;
  }
}
