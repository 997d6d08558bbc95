// Products of matrices that lie in a cache: nothing is copied into another order, and sums stay in registers over the whole
// depth, whatever block they belong to, so that an element's bits do not depend on how many rows are asked for.

enum {
  /// Sums held in registers: rows times vectors.
  NAME(cached_rows) = RIDGELINE_VECTOR_BYTES == 64 ? 8 : 4,
  NAME(cached_vectors) = 3,
  /// From one row to the next of what is filled up to whole vectors.
  NAME(ends_pitch) = NAME(cached_vectors) * NAME(width),
};

/// c = beta c + alpha sum for the first `count` lanes, where with beta 0 what c holds does not matter.
static inline __attribute__((always_inline)) void NAME(store_product)(ptrdiff_t count, TYPE alpha, NAME(vector) sum,
                                                                      TYPE beta, TYPE *c) {
  const NAME(vector) scaled = (NAME(vector))(alpha) * sum;
  if (count >= NAME(width)) {
    NAME(store)(c, beta == 0 ? scaled : FMA((NAME(vector))(alpha), sum, (NAME(vector))(beta) * NAME(load)(c)));
    return;
  }
  TYPE lane[NAME(width)];
  NAME(store)(lane, beta == 0 ? scaled : sum);
  if (beta != 0) {
    for (ptrdiff_t k = 0; k < count; k++) lane[k] = FMA(alpha, lane[k], beta * c[k]);
  }
  ptrdiff_t k = 0;
#pragma clang loop unroll(full)
  for (int piece = NAME(width) / 2; piece > 0; piece /= 2) {
    if (count & piece) (memcpy(c + k, lane + k, (size_t)piece * sizeof(TYPE)), k += piece);
  }
}

/// A block of c. The last `beyond` of the rows of B are those behind which a whole vector would read beyond the matrix: they are
/// in `ends`, filled up with zeros and `ends_pitch` apart.
static inline __attribute__((always_inline)) void NAME(cached_block)(
    const int rows, const int vectors, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a, ptrdiff_t row_pitch,
    ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, ptrdiff_t beyond, const TYPE *ends,
    TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  NAME(vector) sum[NAME(cached_rows) * NAME(cached_vectors)];
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * vectors; k++) sum[k] = (NAME(vector))(0);
  NAME(add_products)(rows, vectors, depth - beyond, a, row_pitch, depth_pitch, b, b_pitch, NULL, 0, 0, sum);
  NAME(add_products)
  (rows, vectors, beyond, a + (depth - beyond) * depth_pitch, row_pitch, depth_pitch, ends, NAME(ends_pitch), NULL, 0, 0, sum);
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * vectors; k++) {
    const ptrdiff_t j = k % vectors * NAME(width);
    NAME(store_product)(columns - j, alpha, sum[k], beta, c + k / vectors * c_pitch + j);
  }
}

/// `cached_block` for a number of rows and vectors known only now.
static void NAME(cached_block_of)(ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha,
                                  const TYPE *a, ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch,
                                  ptrdiff_t beyond, const TYPE *ends, TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
#define CASE(r, v)                                                                                                \
  case r * 4 + v:                                                                                                 \
    NAME(cached_block)(r, v, columns, depth, alpha, a, row_pitch, depth_pitch, b, b_pitch, beyond, ends, beta, c, \
                       c_pitch);                                                                                  \
    return;
#define CASES(r) CASE(r, 1) CASE(r, 2) CASE(r, 3)
  switch (rows * 4 + vectors) {
    CASES(1) CASES(2) CASES(3) CASES(4)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES(5) CASES(6) CASES(7) CASES(8)
#endif
  }
#undef CASES
#undef CASE
}

static void NAME(cached_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                 ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta,
                                 TYPE *c, ptrdiff_t c_pitch) {
  const ptrdiff_t vectors = NAME(blocks_of)(columns, NAME(width)), over = vectors * NAME(width) - columns;
  const ptrdiff_t parts = NAME(blocks_of)(vectors, NAME(cached_vectors)), row_blocks = NAME(blocks_of)(rows, NAME(cached_rows));
  if (vectors == 0) return;
  const ptrdiff_t beyond = over == 0 ? 0 : ridgeline_smaller(depth, NAME(blocks_of)(over, b_pitch));
  const ptrdiff_t last = (parts - 1) * vectors / parts * NAME(width);
  TYPE ends[NAME(width) * NAME(ends_pitch)];
  for (ptrdiff_t k = 0; k < beyond * NAME(ends_pitch); k++) ends[k] = 0;
  for (ptrdiff_t k = 0; k < beyond; k++) {
    memcpy(ends + k * NAME(ends_pitch), b + (depth - beyond + k) * b_pitch + last, (size_t)(columns - last) * sizeof(TYPE));
  }
  for (ptrdiff_t block = 0; block < row_blocks; block++) {
    const ptrdiff_t r = block * rows / row_blocks, high = (block + 1) * rows / row_blocks - r;
    for (ptrdiff_t part = 0; part < parts; part++) {
      const ptrdiff_t first = part * vectors / parts, j = first * NAME(width);
      NAME(cached_block_of)
      (high, (part + 1) * vectors / parts - first, columns - j, depth, alpha, a + r * row_pitch, row_pitch, depth_pitch, b + j,
       b_pitch, part + 1 == parts ? beyond : 0, ends, beta, c + r * c_pitch + j, c_pitch);
    }
  }
}
