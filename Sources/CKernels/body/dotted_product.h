// Products whose sums run along stored rows, as a gradient passes a dense layer: dx = g W^T. The rows of A stay in the
// first-level cache while those of B stream by; each row of B can be changed as soon as its sums are made.

enum {
  /// Rows of A in a block of sums with two rows of B, which fill most of the registers.
  NAME(dotted_rows) = RIDGELINE_VECTOR_BYTES == 64 ? 12 : 6,
  /// Sums of a block at most.
  NAME(dotted_sums) = 24,
  /// Bytes of the rows of A that stay in the first-level cache: it has 48 KB in newer processors of Intel, whose vectors are as
  /// long, and 32 KB in others. Of those some have such vectors too, and find some of the rows in the second-level cache.
  NAME(dotted_bytes) = RIDGELINE_VECTOR_BYTES == 64 ? 45056 : 24576,
};

/// `vectors` vectors of each row of a block; of the last vector of a row only the last `rest` lanes count.
static inline __attribute__((always_inline)) void NAME(dotted_vectors)(
    const int rows, const int columns, const int vectors, const int changes, const int is_last, ptrdiff_t rest,
    const TYPE *a, ptrdiff_t a_pitch, TYPE *b, ptrdiff_t b_pitch, TYPE *velocity, const NAME(row_change) *change,
    NAME(vector) *sum) {
  const NAME(vector) none = (NAME(vector))(0);
  NAME(vector) weight[8], added[8];
#pragma clang loop unroll(full)
  for (int k = 0; k < columns * vectors; k++) {
    weight[k] = NAME(load)(b + k / vectors * b_pitch + k % vectors * NAME(width));
    added[k] = none;
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
    NAME(vector) left[2];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      left[v] = NAME(load)(a + r * a_pitch + v * NAME(width));
      if (is_last) left[v] = NAME(last_lanes)(rest, left[v], none);
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < columns; j++) {
      const NAME(vector) x = (NAME(vector))(changes ? change->x[r * change->pitch + j] : 0);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) {
        const int k = j * vectors + v;
        const NAME(vector) right = is_last ? NAME(last_lanes)(rest, weight[k], none) : weight[k];
        sum[r * columns + j] = FMA(left[v], right, sum[r * columns + j]);
        if (changes) added[k] = FMA(x, left[v], added[k]);
      }
    }
#if RIDGELINE_VECTOR_BYTES == 64
    // No load passes here: what all rows need, loaded before the first is multiplied, would not fit the registers.
    if (changes) {
#pragma clang loop unroll(full)
      for (int k = 0; k < columns * vectors; k++) __asm__ volatile("" : "+v"(added[k]) : : "memory");
#pragma clang loop unroll(full)
      for (int j = 0; j < columns; j++) __asm__ volatile("" : "+v"(sum[r * columns + j]) : : "memory");
    }
#endif
  }
  if (!changes) return;
#pragma clang loop unroll(full)
  for (int k = 0; k < columns * vectors; k++) {
    const ptrdiff_t place = k / vectors * b_pitch + k % vectors * NAME(width);
    NAME(change_vector)(changes, is_last, rest, change, weight[k], added[k], b + place, velocity + place);
  }
}

/// c[r][j] = beta c[r][j] + alpha sum over d of a[r][d] b[j][d], for a few rows of each; then the change of B's, if there is one.
/// Rows hold a vector at least before `depth` ends.
static inline __attribute__((always_inline)) void NAME(dotted_block)(
    const int rows, const int columns, const int changes, ptrdiff_t depth, TYPE alpha, const TYPE *a, ptrdiff_t a_pitch,
    TYPE *b, ptrdiff_t b_pitch, TYPE *velocity, const NAME(row_change) *change, const TYPE *later, TYPE beta, TYPE *c,
    ptrdiff_t c_pitch) {
  // A broadcast x serves two vectors where registers are left for them: loads, not multiply-adds, are what it waits for.
  const int vectors = changes && NAME(width) * sizeof(TYPE) == 64 && columns <= 2 && rows * columns <= 20 ? 2 : 1;
  const ptrdiff_t step = vectors * NAME(width);
  // A copy that no store can change.
  const NAME(row_change) own = changes ? *change : (NAME(row_change)){0};
  NAME(vector) sum[NAME(dotted_sums)];
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * columns; k++) sum[k] = (NAME(vector))(0);
  // First, so that nothing loads what is still on its way to the cache.
  const ptrdiff_t last = depth - NAME(width), rest = depth % NAME(width);
  if (rest > 0) {
    NAME(dotted_vectors)
    (rows, columns, 1, changes, 1, rest, a + last, a_pitch, b + last, b_pitch, velocity + last, &own, sum);
  }
  ptrdiff_t d = 0;
  for (; d + step <= depth; d += step) {
#pragma clang loop unroll(full)
    for (int k = 0; k < columns * vectors; k++) {
      __builtin_prefetch(later + k / vectors * b_pitch + d + k % vectors * NAME(width), 0, 2);
    }
    NAME(dotted_vectors)(rows, columns, vectors, changes, 0, 0, a + d, a_pitch, b + d, b_pitch, velocity + d, &own, sum);
  }
  for (; d + NAME(width) <= depth; d += NAME(width)) {
    NAME(dotted_vectors)(rows, columns, 1, changes, 0, 0, a + d, a_pitch, b + d, b_pitch, velocity + d, &own, sum);
  }
  TYPE total[NAME(dotted_sums) + NAME(width)];
  NAME(sums_over_lanes)(rows * columns, sum, total);
  // Read back from memory one by one, which is faster than taking lanes out of vectors.
  __asm__ volatile("" : : "r"(total) : "memory");
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * columns; k++) {
    TYPE *target = c + k / columns * c_pitch + k % columns;
    const TYPE whole = total[NAME(place_of_sum)(rows * columns, k)];
    *target = alpha == 1 && beta == 0 ? whole : NAME(blend)(alpha, whole, beta, *target);
  }
}

static void NAME(dotted_rows_of)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                 ptrdiff_t a_pitch, const TYPE *b, ptrdiff_t b_pitch, const TYPE *later, TYPE beta,
                                 TYPE *c, ptrdiff_t c_pitch) {
  // Without a change B is only read.
#define CASE(r, v)                                                                                                    \
  case r * 2 + v:                                                                                                     \
    NAME(dotted_block)(r, v, NAME(unchanged), depth, alpha, a, a_pitch, (TYPE *)b, b_pitch, (TYPE *)b, NULL, later,   \
                       beta, c, c_pitch);                                                                             \
    return;
  switch (rows * 2 + columns) {
    CASES_1_TO_6(1) CASES_1_TO_6(2)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES_7_TO_12(1) CASES_7_TO_12(2)
#endif
  }
#undef CASE
}

/// How much of each row is multiplied at a time, so that these parts of the rows of A stay in the first-level cache.
static inline ptrdiff_t NAME(dotted_depth)(ptrdiff_t rows, ptrdiff_t depth) {
  const ptrdiff_t parts = NAME(blocks_of)(rows * depth * (ptrdiff_t)sizeof(TYPE), NAME(dotted_bytes)), unit = 2 * NAME(width);
  return NAME(blocks_of)(NAME(blocks_of)(depth, ridgeline_larger(parts, 1)), unit) * unit;
}

/// The product where rows hold less than a vector, as a gradient leaves a layer of few outputs: some rows of B are turned, so that
/// vectors run over them.
static void NAME(short_dots)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                             ptrdiff_t a_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  TYPE turned[NAME(width) * NAME(width)];
  for (ptrdiff_t j = 0; depth > 0 && j < columns; j += NAME(width)) {
    const ptrdiff_t count = ridgeline_smaller(NAME(width), columns - j);
    if (count < NAME(width)) memset(turned, 0, sizeof turned);
    NAME(transpose)(count, depth, b + j * b_pitch, b_pitch, turned, NAME(width));
    for (ptrdiff_t r = 0; r < rows; r++) {
      NAME(vector) sum = (NAME(vector))(0), scale = (NAME(vector))(alpha);
      for (ptrdiff_t d = 0; d < depth; d++) {
        sum = FMA((NAME(vector))(a[r * a_pitch + d]), NAME(load)(turned + d * NAME(width)), sum);
      }
      TYPE *to = c + r * c_pitch + j;
      NAME(vector) before = beta == 0 ? (NAME(vector))(0) : NAME(load_some)(to, count);
      NAME(store_some)(to, beta == 0 ? scale * sum : FMA(scale, sum, (NAME(vector))(beta) * before), count);
    }
  }
}

static void NAME(dotted_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                 ptrdiff_t a_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta, TYPE *c,
                                 ptrdiff_t c_pitch) {
  if (depth < NAME(width)) {
    NAME(short_dots)(rows, columns, depth, alpha, a, a_pitch, b, b_pitch, beta, c, c_pitch);
    return;
  }
  const ptrdiff_t row_blocks = NAME(blocks_of)(rows, NAME(dotted_rows)), part = NAME(dotted_depth)(rows, depth);
  for (ptrdiff_t d = 0; d < depth; d += part) {
    const ptrdiff_t deep = ridgeline_smaller(part, depth - d);
    for (ptrdiff_t j = 0; j < columns; j += 2) {
      const ptrdiff_t broad = ridgeline_smaller(2, columns - j);
      const ptrdiff_t next = ridgeline_smaller(j + dotted_ahead, columns - broad);
      const TYPE *right = b + j * b_pitch + d, *later = b + next * b_pitch + d;
      for (ptrdiff_t block = 0; block < row_blocks; block++) {
        const ptrdiff_t r = block * rows / row_blocks, high = (block + 1) * rows / row_blocks - r;
        NAME(dotted_rows_of)
        (high, broad, deep, alpha, a + r * a_pitch + d, a_pitch, right, b_pitch, later, beta, c + r * c_pitch + j,
         c_pitch);
      }
    }
    beta = 1;
  }
}
