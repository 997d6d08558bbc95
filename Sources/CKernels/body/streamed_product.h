// Matrix products in which two of the three matrices are small: the large one is streamed through once, where a general
// product would first copy it into another order. Blocks of sums stay in registers.

enum {
  /// Rows of a block of sums and vectors of each, which fill most of the registers.
  NAME(streamed_rows) = 6,
  NAME(streamed_vectors) = RIDGELINE_VECTOR_BYTES == 64 ? 4 : 2,
};

/// c = beta c + alpha sum, where with beta 0 what c holds does not matter.
static inline TYPE NAME(blend)(TYPE alpha, TYPE sum, TYPE beta, TYPE c) {
  return beta == 0 ? alpha * sum : FMA(alpha, sum, beta * c);
}

static inline __attribute__((always_inline)) void NAME(streamed_block)(
    const int rows, const int vectors, ptrdiff_t depth, TYPE alpha, const TYPE *a, ptrdiff_t row_pitch,
    ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  NAME(vector) sum[NAME(streamed_rows) * NAME(streamed_vectors)];
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * vectors; k++) sum[k] = (NAME(vector))(0);
  for (ptrdiff_t d = 0; d < depth; d++) {
    NAME(vector) weight[NAME(streamed_vectors)];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) weight[v] = NAME(load)(b + d * b_pitch + v * NAME(width));
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) {
      NAME(vector) x = (NAME(vector))(a[r * row_pitch + d * depth_pitch]);
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sum[r * vectors + v] = FMA(x, weight[v], sum[r * vectors + v]);
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * vectors; k++) {
    TYPE *target = c + k / vectors * c_pitch + k % vectors * NAME(width);
    NAME(vector) scale = (NAME(vector))(alpha);
    NAME(store)(target, beta == 0 ? scale * sum[k] : FMA(scale, sum[k], (NAME(vector))(beta) * NAME(load)(target)));
  }
}

/// `streamed_block` for a number of rows and vectors known only now.
static void NAME(streamed_rows_of)(ptrdiff_t rows, ptrdiff_t vectors, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                   ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch,
                                   TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
#define CASE(r, v)                                                                                                  \
  case r * NAME(streamed_vectors) + v:                                                                              \
    NAME(streamed_block)(r, v, depth, alpha, a, row_pitch, depth_pitch, b, b_pitch, beta, c, c_pitch);              \
    return;
  switch (rows * NAME(streamed_vectors) + vectors) {
    CASES_1_TO_6(1) CASES_1_TO_6(2)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES_1_TO_6(3) CASES_1_TO_6(4)
#endif
  }
#undef CASE
}

/// The last columns, fewer than a vector: computed in whole vectors beside the matrices, from `weights` that are filled up.
static void NAME(streamed_edge)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *weights, TYPE beta, TYPE *c,
                                ptrdiff_t c_pitch) {
  TYPE sums[NAME(streamed_rows) * NAME(width)];
  NAME(streamed_rows_of)
  (rows, 1, depth, 1, a, row_pitch, depth_pitch, weights, NAME(width), 0, sums, NAME(width));
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t j = 0; j < columns; j++) {
      c[r * c_pitch + j] = NAME(blend)(alpha, sums[r * NAME(width) + j], beta, c[r * c_pitch + j]);
    }
  }
}

static inline void NAME(fetch_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *from, ptrdiff_t pitch) {
  for (ptrdiff_t r = 0; r < rows; r++) {
    for (ptrdiff_t j = 0; j < columns; j += 64 / (ptrdiff_t)sizeof(TYPE)) __builtin_prefetch(from + r * pitch + j);
  }
}

static void NAME(streamed_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                                   ptrdiff_t row_pitch, ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch,
                                   TYPE beta, TYPE *c, ptrdiff_t c_pitch) {
  const ptrdiff_t block_columns = NAME(streamed_vectors) * NAME(width);
  const ptrdiff_t row_blocks = NAME(blocks_of)(rows, NAME(streamed_rows));
  const int streams_c = depth <= streamed_depth;
  if (depth == 1 && beta == 0) {
    // Each row is a multiple of the one row of B: there are no sums to keep.
    for (ptrdiff_t r = 0; r < rows; r++) {
      const TYPE factor = alpha * a[r * row_pitch];
      TYPE *restrict to = c + r * c_pitch;
      for (ptrdiff_t j = 0; j < columns; j++) to[j] = factor * b[j];
    }
    return;
  }
  const ptrdiff_t edge = columns % NAME(width);
  TYPE edge_weights[streamed_depth * NAME(width)];
  if (edge > 0) memset(edge_weights, 0, (size_t)(ridgeline_smaller(streamed_depth, depth) * NAME(width)) * sizeof(TYPE));
  for (ptrdiff_t d = 0; d < depth; d += streamed_depth) {
    const ptrdiff_t deep = ridgeline_smaller(streamed_depth, depth - d);
    const ptrdiff_t next = ridgeline_smaller(streamed_depth, depth - d - deep);
    const ptrdiff_t block_bytes = deep * block_columns * (ptrdiff_t)sizeof(TYPE);
    const ptrdiff_t broad = ridgeline_larger(streamed_bytes / block_bytes, 1) * block_columns;
    for (ptrdiff_t k = 0; edge > 0 && k < deep; k++) {
      memcpy(edge_weights + k * NAME(width), b + (d + k) * b_pitch + columns - edge, (size_t)edge * sizeof(TYPE));
    }
    for (ptrdiff_t first = 0; first < columns; first += broad) {
      const ptrdiff_t end = ridgeline_smaller(first + broad, columns);
      for (ptrdiff_t block = 0; block < row_blocks; block++) {
        const ptrdiff_t r = block * rows / row_blocks, high = (block + 1) * rows / row_blocks - r;
        const ptrdiff_t higher = streams_c ? ridgeline_smaller(high, rows - r - high) : 0;
        const TYPE *left = a + r * row_pitch + d * depth_pitch;
        for (ptrdiff_t j = first; j < end; j += block_columns) {
          const TYPE *right = b + d * b_pitch + j;
          TYPE *target = c + r * c_pitch + j;
          const ptrdiff_t wide = ridgeline_smaller(block_columns, end - j), whole = wide / NAME(width);
          // The next columns of these rows, or the first ones of the next rows, while these are multiplied.
          const ptrdiff_t after = j + block_columns;
          if (block == 0 && after < columns) {
            NAME(fetch_rows)(deep, ridgeline_smaller(block_columns, columns - after), right + block_columns, b_pitch);
          } else if (block == 0) {
            NAME(fetch_rows)(next, ridgeline_smaller(block_columns, columns), b + (d + deep) * b_pitch, b_pitch);
          }
          NAME(fetch_rows)(higher, wide, target + high * c_pitch, c_pitch);
          if (whole > 0) {
            NAME(streamed_rows_of)
            (high, whole, deep, alpha, left, row_pitch, depth_pitch, right, b_pitch, beta, target, c_pitch);
          }
          const ptrdiff_t rest = wide - whole * NAME(width);
          if (rest > 0) {
            NAME(streamed_edge)
            (high, rest, deep, alpha, left, row_pitch, depth_pitch, edge_weights, beta, target + whole * NAME(width),
             c_pitch);
          }
        }
      }
    }
    beta = 1;
  }
}
