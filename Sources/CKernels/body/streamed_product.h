// Matrix products in which two of the three matrices are small: the large one is streamed through once, where a general
// product would first copy it into another order. Blocks of sums stay in registers.

enum {
  /// Rows of a block of sums and vectors of each, which fill most of the registers.
  NAME(streamed_rows) = 6,
  NAME(streamed_vectors) = RIDGELINE_VECTOR_BYTES == 64 ? 4 : 2,
  /// The same of a higher block, under which B is read once where it would be read twice.
  NAME(higher_rows) = RIDGELINE_VECTOR_BYTES == 64 ? 12 : NAME(streamed_rows),
  NAME(higher_vectors) = 2,
};

/// c = beta c + alpha sum, where with beta 0 what c holds does not matter.
static inline TYPE NAME(blend)(TYPE alpha, TYPE sum, TYPE beta, TYPE c) {
  return beta == 0 ? alpha * sum : FMA(alpha, sum, beta * c);
}

/// Stretches of what is fetched for later, of each of which a block takes a line for every row of B: as many as it multiplies,
/// and one at least. The processor fetches on by itself where it sees such a stretch, and two half as fast give it more time.
static inline __attribute__((always_inline)) int NAME(later_stretches)(const int vectors) {
  return vectors * NAME(width) > NAME(cache_line) ? vectors * NAME(width) / NAME(cache_line) : 1;
}

/// `count` blocks of c side by side. Of a block that is the last of its rows, one vector broad, only the last `rest` columns
/// count.
static inline __attribute__((always_inline)) void NAME(streamed_blocks)(
    const int rows, const int vectors, const int is_last, ptrdiff_t count, ptrdiff_t rest, ptrdiff_t depth, TYPE alpha,
    const TYPE *a, ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, const TYPE *later,
    ptrdiff_t later_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  const int stretches = NAME(later_stretches)(vectors);
  for (; count > 0; count--, b += vectors * NAME(width), c += vectors * NAME(width)) {
    NAME(vector) sum[NAME(higher_rows) * NAME(higher_vectors)];
#pragma clang loop unroll(full)
    for (int k = 0; k < rows * vectors; k++) sum[k] = (NAME(vector))(0);
    NAME(add_products)
    (rows, vectors, depth, a, row_pitch, depth_pitch, b, b_pitch, later, stretches, later_pitch, sum);
    later = NAME(ahead_of)(later, depth * (vectors * NAME(width) / stretches));
#pragma clang loop unroll(full)
    for (int k = 0; k < rows * vectors; k++) {
      TYPE *target = c + k / vectors * c_pitch + k % vectors * NAME(width);
      NAME(vector) scale = (NAME(vector))(alpha), before = (NAME(vector))(0);
      if (is_last || beta != 0) before = NAME(load)(target);
      NAME(vector) after = beta == 0 ? scale * sum[k] : FMA(scale, sum[k], before);
      NAME(store)(target, is_last ? NAME(last_lanes)(rest, after, before) : after);
    }
  }
}

/// `streamed_blocks` for a number of rows and vectors known only now; no vectors stand for the last columns, fewer than one.
static void NAME(streamed_rows_of)(ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t count, ptrdiff_t rest, ptrdiff_t depth,
                                   TYPE alpha, const TYPE *a, ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b,
                                   ptrdiff_t b_pitch, const TYPE *later, ptrdiff_t later_pitch, TYPE beta, TYPE *c,
                                   ptrdiff_t c_pitch) {
#define CASE(r, v)                                                                                                      \
  case r * (NAME(streamed_vectors) + 1) + v:                                                                            \
    NAME(streamed_blocks)(r, v == 0 ? 1 : v, v == 0, count, rest, depth, alpha, a, row_pitch, depth_pitch, b, b_pitch, \
                          later, later_pitch, beta, c, c_pitch);                                                        \
    return;
  switch (rows * (NAME(streamed_vectors) + 1) + vectors) {
    CASES_1_TO_6(0) CASES_1_TO_6(1) CASES_1_TO_6(2)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES_1_TO_6(3) CASES_1_TO_6(4) CASES_7_TO_12(0) CASES_7_TO_12(1) CASES_7_TO_12(2)
#endif
  }
#undef CASE
}

/// The columns of matrices that hold fewer than a vector: computed beside them, from `weights` that are filled up.
static void NAME(streamed_edge)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *weights, TYPE beta, TYPE *c,
                                ptrdiff_t c_pitch) {
  TYPE sums[NAME(higher_rows) * NAME(width)];
  NAME(streamed_rows_of)
  (rows, 1, 1, 0, depth, 1, a, row_pitch, depth_pitch, weights, NAME(width), weights, 0, 0, sums, NAME(width));
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t j = 0; j < columns; j++) {
      c[r * c_pitch + j] = NAME(blend)(alpha, sums[r * NAME(width) + j], beta, c[r * c_pitch + j]);
    }
  }
}

/// `rows` rows and some columns, in blocks of `vectors` vectors and one of fewer. The last columns may be fewer than a vector:
/// then they are the end of one that begins before them, or where matrices hold no more, are multiplied by `edge_weights`.
static void NAME(streamed_columns)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t vectors, ptrdiff_t before,
                                   ptrdiff_t depth, TYPE alpha, const TYPE *a, ptrdiff_t row_pitch,
                                   ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, const TYPE *edge_weights,
                                   const TYPE *later, ptrdiff_t later_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  const ptrdiff_t broad = vectors * NAME(width), blocks = columns / broad, done = blocks * broad;
  const ptrdiff_t fewer = (columns - done) / NAME(width), whole = done + fewer * NAME(width), rest = columns - whole;
  NAME(streamed_rows_of)
  (rows, vectors, blocks, 0, depth, alpha, a, row_pitch, depth_pitch, b, b_pitch, later, later_pitch, beta, c, c_pitch);
  if (fewer > 0) {
    NAME(streamed_rows_of)
    (rows, fewer, 1, 0, depth, alpha, a, row_pitch, depth_pitch, b + done, b_pitch,
     NAME(ahead_of)(later, depth * (done / NAME(later_stretches)((int)vectors))), later_pitch, beta, c + done, c_pitch);
  }
  if (rest > 0 && before + columns >= NAME(width)) {
    const ptrdiff_t last = columns - NAME(width);
    NAME(streamed_rows_of)
    (rows, 0, 1, rest, depth, alpha, a, row_pitch, depth_pitch, b + last, b_pitch, b + last, 0, beta, c + last, c_pitch);
  } else if (rest > 0) {
    NAME(streamed_edge)(rows, rest, depth, alpha, a, row_pitch, depth_pitch, edge_weights, beta, c, c_pitch);
  }
}

/// The columns of B, where they are fewer than a vector, filled up with zeros.
static inline void NAME(fill_edge)(ptrdiff_t depth, ptrdiff_t columns, const TYPE *b, ptrdiff_t b_pitch, TYPE *weights) {
  if (columns >= NAME(width)) return;
  memset(weights, 0, (size_t)(depth * NAME(width)) * sizeof(TYPE));
  for (ptrdiff_t d = 0; d < depth; d++) {
    memcpy(weights + d * NAME(width), b + d * b_pitch, (size_t)columns * sizeof(TYPE));
  }
}

/// A few rows of the product with B, which is large: its next rows are fetched while some are multiplied, and at its end those of
/// the rows that follow it.
static void NAME(streamed_right)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                 ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch,
                                 TYPE beta, TYPE *c, ptrdiff_t c_pitch, ptrdiff_t following) {
  const int is_high = rows > NAME(streamed_rows);
  const ptrdiff_t vectors = is_high ? NAME(higher_vectors) : NAME(streamed_vectors), block_columns = vectors * NAME(width);
  const ptrdiff_t stretches = NAME(later_stretches)((int)vectors);
  const ptrdiff_t row_blocks = NAME(blocks_of)(rows, is_high ? NAME(higher_rows) : NAME(streamed_rows));
  TYPE edge_weights[streamed_depth * NAME(width)];
  const ptrdiff_t parts = NAME(blocks_of)(depth, streamed_depth);
  for (ptrdiff_t part = 0; part < parts; part++) {
    const ptrdiff_t d = part * depth / parts, deep = (part + 1) * depth / parts - d;
    const ptrdiff_t next = ridgeline_smaller(d + deep, depth + following - deep);
    const TYPE *right = b + d * b_pitch, *later = b + next * b_pitch;
    NAME(fill_edge)(deep, columns, right, b_pitch, edge_weights);
    // Where several blocks of rows need it, a block of B is multiplied by all of them while it is in the first-level cache.
    const ptrdiff_t broad = row_blocks == 1 ? columns : block_columns;
    for (ptrdiff_t j = 0; j < columns; j += broad) {
      const ptrdiff_t wide = ridgeline_smaller(broad, columns - j);
      for (ptrdiff_t block = 0; block < row_blocks; block++) {
        const ptrdiff_t r = block * rows / row_blocks, high = (block + 1) * rows / row_blocks - r;
        // All but the first block of rows fetch what is in the cache already, which takes less than asking whether to.
        NAME(streamed_columns)
        (high, wide, vectors, j, deep, alpha, a + r * row_pitch + d * depth_pitch, row_pitch, depth_pitch, right + j, b_pitch,
         edge_weights, block == 0 ? NAME(ahead_of)(later, deep * (j / stretches)) : right, deep * (b_pitch / stretches), beta,
         c + r * c_pitch + j, c_pitch);
      }
    }
    beta = 1;
  }
}

static inline void NAME(fetch_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *from, ptrdiff_t pitch) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t j = 0; j < columns; j += NAME(cache_line)) __builtin_prefetch(from + r * pitch + j);
  }
}

/// The product by a few rows of B, with C large: its next rows are fetched while some are changed. Some columns at a time, so
/// that those of B stay in the first-level cache.
static void NAME(streamed_result)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                  ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch,
                                  TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  const ptrdiff_t block_columns = NAME(streamed_vectors) * NAME(width);
  const ptrdiff_t row_blocks = NAME(blocks_of)(rows, NAME(streamed_rows));
  const ptrdiff_t block_bytes = depth * block_columns * (ptrdiff_t)sizeof(TYPE);
  const ptrdiff_t broad = ridgeline_larger(streamed_bytes / block_bytes, 1) * block_columns;
  TYPE edge_weights[streamed_few * NAME(width)];
  NAME(fill_edge)(depth, columns, b, b_pitch, edge_weights);
  for (ptrdiff_t first = 0; first < columns; first += broad) {
    const ptrdiff_t end = ridgeline_smaller(first + broad, columns);
    for (ptrdiff_t block = 0; block < row_blocks; block++) {
      const ptrdiff_t r = block * rows / row_blocks, high = (block + 1) * rows / row_blocks - r;
      const ptrdiff_t higher = ridgeline_smaller(high, rows - r - high);
      for (ptrdiff_t j = first; j < end; j += block_columns) {
        const ptrdiff_t wide = ridgeline_smaller(block_columns, end - j);
        TYPE *target = c + r * c_pitch + j;
        NAME(fetch_rows)(higher, wide, target + high * c_pitch, c_pitch);
        // B is in the cache: fetching its first elements again takes less than asking whether to.
        NAME(streamed_columns)
        (high, wide, NAME(streamed_vectors), j, depth, alpha, a + r * row_pitch, row_pitch, depth_pitch, b + j, b_pitch,
         edge_weights, b, 0, beta, target, c_pitch);
      }
    }
  }
}

static void NAME(streamed_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                   ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch,
                                   TYPE beta, TYPE *c, ptrdiff_t c_pitch, ptrdiff_t following) {
  if (depth == 0) return;
  if (beta != 0 && beta != 1) {
    // Here, and not with every block of sums, which would take as many instructions again at their ends.
    for (ptrdiff_t r = 0; r < rows; r++) {
      for (ptrdiff_t j = 0; j < columns; j++) c[r * c_pitch + j] *= beta;
    }
    beta = 1;
  }
  if (depth == 1 && beta == 0) {
    // Each row is a multiple of the one row of B: there are no sums to keep.
    for (ptrdiff_t r = 0; r < rows; r++) {
      const TYPE factor = alpha * a[r * row_pitch];
      TYPE *restrict to = c + r * c_pitch;
      for (ptrdiff_t j = 0; j < columns; j++) to[j] = factor * b[j];
    }
  } else if (depth <= streamed_few) {
    NAME(streamed_result)(rows, columns, depth, alpha, a, row_pitch, depth_pitch, b, b_pitch, beta, c, c_pitch);
  } else {
    NAME(streamed_right)
    (rows, columns, depth, alpha, a, row_pitch, depth_pitch, b, b_pitch, beta, c, c_pitch, following);
  }
}
