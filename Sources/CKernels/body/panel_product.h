// Products with a matrix B that lies in panels: a few vectors of columns, all rows of them one after the other, so that what a
// block of sums multiplies is contiguous. B is written in that order to begin with, and nothing is copied here.
//
// An element's sum runs over `panel_sum` rows of B in a register, or all where they are hardly more, over `panel_depth` of
// them in the first-level cache, and then in C: its bits depend on the depth alone, and its rounding error grows with the
// length of the longest of the three.

enum {
  /// Vectors of a panel; a panel at the right edge may be narrower, and is then stored narrower.
  NAME(panel_vectors) = RIDGELINE_VECTOR_BYTES == 64 ? 4 : 2,
  NAME(panel_columns) = NAME(panel_vectors) * NAME(width),
  /// Sums held in registers.
  NAME(panel_sums) = RIDGELINE_VECTOR_BYTES == 64 ? 24 : 12,
};

/// The elements of a row of the panel that begins at a column.
static inline ptrdiff_t NAME(panel_pitch)(ptrdiff_t columns, ptrdiff_t first) {
  return ridgeline_smaller(NAME(panel_columns), NAME(whole_vectors)(columns - first));
}

/// Where row d of a matrix of `depth` rows in panels has its element `column`.
static inline ptrdiff_t NAME(panel_element)(ptrdiff_t columns, ptrdiff_t depth, ptrdiff_t d, ptrdiff_t column) {
  const ptrdiff_t first = column / NAME(panel_columns) * NAME(panel_columns);
  return first * depth + d * NAME(panel_pitch)(columns, first) + column - first;
}

/// A block of sums of at most `panel_sums` vectors: what is multiplied, and where the results go.
typedef struct NAME(panel_work) {
  ptrdiff_t depth;
  /// Element (r, d) is a[r * row_pitch + d * depth_pitch].
  const TYPE *a;
  ptrdiff_t row_pitch, depth_pitch;
  const TYPE *panel;
  /// What is fetched meanwhile, a line for each row of the panel.
  const TYPE *ahead;
  /// Vector v of row r goes to, or is added to what is at, out[r * out_pitch + v * width].
  TYPE *out;
  ptrdiff_t out_pitch;
  int adds;
} NAME(panel_work);

/// out (+)= the sum over d of a[r * row_pitch + d * depth_pitch] * panel[(d * vectors + v) * width], in parts.
static inline __attribute__((always_inline)) void NAME(panel_block)(const int rows, const int vectors,
                                                                    const NAME(panel_work) *work) {
  const NAME(panel_work) w = *work;
  const ptrdiff_t part = w.depth <= panel_longest_sum ? w.depth : panel_sum;
  TYPE total[NAME(panel_sums) * NAME(width)];
  for (ptrdiff_t d = 0; d < w.depth; d += part) {
    NAME(vector) sum[NAME(panel_sums)];
#pragma clang loop unroll(full)
    for (int k = 0; k < rows * vectors; k++) sum[k] = (NAME(vector))(0);
    NAME(add_products)
    (rows, vectors, ridgeline_smaller(part, w.depth - d), w.a + d * w.depth_pitch, w.row_pitch, w.depth_pitch,
     w.panel + d * vectors * NAME(width), vectors * NAME(width), w.ahead + d * NAME(cache_line), 1, 0, sum);
    if (d > 0) {
#pragma clang loop unroll(full)
      for (int k = 0; k < rows * vectors; k++) sum[k] += NAME(load)(total + k * NAME(width));
    }
    const int is_last = d + part >= w.depth;
    if (is_last && w.adds) {
#pragma clang loop unroll(full)
      for (int k = 0; k < rows * vectors; k++) {
        sum[k] = NAME(load)(w.out + k / vectors * w.out_pitch + k % vectors * NAME(width)) + sum[k];
      }
    }
    TYPE *to = is_last ? w.out : total;
    const ptrdiff_t pitch = is_last ? w.out_pitch : vectors * NAME(width);
#pragma clang loop unroll(full)
    for (int k = 0; k < rows * vectors; k++) NAME(store)(to + k / vectors * pitch + k % vectors * NAME(width), sum[k]);
    // Kept in registers beside the sums, the totals would be stored a second time, for want of registers.
    __atomic_signal_fence(__ATOMIC_SEQ_CST);
  }
}

/// `panel_block` for a number of rows and vectors known only now.
static void NAME(panel_block_of)(ptrdiff_t rows, ptrdiff_t vectors, const NAME(panel_work) *work) {
#define CASE(r, v)                 \
  case v * 16 + r:                 \
    NAME(panel_block)(r, v, work); \
    return;
  switch (vectors * 16 + rows) {
    CASES_1_TO_6(1) CASES_7_TO_12(1) CASES_1_TO_6(2)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES_7_TO_12(2) CASES_1_TO_6(3) CASE(7, 3) CASE(8, 3) CASES_1_TO_6(4)
#endif
  }
#undef CASE
}

/// What `count` sums do to C: they overwrite it or are added, and where there is `lost`, what rounding takes from additions is
/// made up for as in `add_compensated`.
static inline __attribute__((always_inline)) void NAME(add_panel_sums)(ptrdiff_t count, NAME(vector) sum, int is_first, TYPE *c,
                                                                       TYPE *lost) {
  if (is_first) {
    NAME(store_some)(c, sum, count);
    if (lost) NAME(store_some)(lost, (NAME(vector))(0), count);
    return;
  }
  const NAME(vector) before = NAME(load_some)(c, count);
  const NAME(vector) term = lost ? sum - NAME(load_some)(lost, count) : sum, after = before + term;
  NAME(store_some)(c, after, count);
  if (lost) NAME(store_some)(lost, (after - before) - term, count);
}

/// Takes a block's sums, `total_pitch` from row to row, to C.
static void NAME(finish_panel_block)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *total, ptrdiff_t total_pitch, int is_first,
                                     TYPE *c, TYPE *lost, ptrdiff_t c_pitch) {
  for (ptrdiff_t r = 0; r < rows; r++, total += total_pitch, c += c_pitch, lost = lost ? lost + c_pitch : 0) {
    ptrdiff_t j = 0;
    for (; j + NAME(width) <= columns; j += NAME(width)) {
      NAME(add_panel_sums)(NAME(width), NAME(load)(total + j), is_first, c + j, lost ? lost + j : 0);
    }
    if (j < columns) NAME(add_panel_sums)(columns - j, NAME(load)(total + j), is_first, c + j, lost ? lost + j : 0);
  }
}

static void NAME(panel_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const TYPE *a, ptrdiff_t row_pitch,
                                ptrdiff_t depth_pitch, const TYPE *panels, int is_first, TYPE *c, TYPE *lost,
                                ptrdiff_t c_pitch) {
  TYPE total[NAME(panel_sums) * NAME(width)];
  for (ptrdiff_t first = 0; first < columns; first += NAME(panel_columns)) {
    const ptrdiff_t pitch = NAME(panel_pitch)(columns, first), vectors = pitch / NAME(width);
    const ptrdiff_t wide = ridgeline_smaller(pitch, columns - first);
    const ptrdiff_t limit = ridgeline_smaller(NAME(panel_sums) / vectors, NAME(block_rows));
    const ptrdiff_t blocks = NAME(blocks_of)(rows, limit);
    for (ptrdiff_t d = 0; d < depth; d += panel_depth) {
      const ptrdiff_t here = ridgeline_smaller(panel_depth, depth - d);
      const TYPE *panel = panels + first * depth + d * pitch;
      for (ptrdiff_t block = 0; block < blocks; block++) {
        const ptrdiff_t row = block * rows / blocks, high = (block + 1) * rows / blocks - row, at = row * c_pitch + first;
        const int overwrites = is_first && d == 0;
        for (ptrdiff_t r = 0; r < high && !overwrites; r++) {
          for (ptrdiff_t j = 0; j < wide; j += NAME(cache_line)) {
            __builtin_prefetch(c + at + r * c_pitch + j, 1);
            if (lost) __builtin_prefetch(lost + at + r * c_pitch + j, 1);
          }
        }
        // The first blocks fetch what is multiplied next, a line a row: it stands behind this part of the panel.
        NAME(panel_work) work = {
            .depth = here, .a = a + row * row_pitch + d * depth_pitch, .row_pitch = row_pitch, .depth_pitch = depth_pitch,
            .panel = panel,
            .ahead = block * NAME(cache_line) < pitch ? panel + here * (pitch + block * NAME(cache_line)) : panel,
            .out = c + at, .out_pitch = c_pitch, .adds = !overwrites};
        if (wide == pitch && !lost) {
          NAME(panel_block_of)(high, vectors, &work);
          continue;
        }
        (work.out = total, work.out_pitch = pitch, work.adds = 0);
        NAME(panel_block_of)(high, vectors, &work);
        NAME(finish_panel_block)(high, wide, total, pitch, overwrites, c + at, lost ? lost + at : 0, c_pitch);
      }
    }
  }
}
