// The update of a dense layer's weights under a small batch, W += alpha x^T g or what follows a velocity, in one pass over W: a
// few rows of W and those of g pass by factors that stay in registers.

enum {
  /// The most rows of g, vectors of sums, and factors.
  NAME(update_rows) = 16,
  NAME(update_sums) = 4,
  NAME(update_factors) = 24,
};

/// Rows of W that are changed together: their factors fill most of the registers.
static inline __attribute__((always_inline)) int NAME(update_height)(ptrdiff_t rows) {
#if RIDGELINE_VECTOR_BYTES == 64
  return rows <= 6 ? 4 : rows <= 12 ? 2 : 1;
#else
  return rows <= 2 ? 4 : rows <= 5 ? 2 : 1;
#endif
}

/// `vectors` vectors of each of `height` rows of W, by the factors of `rows` rows of g each; of the last vector of a row only the
/// last `rest` lanes change.
static inline __attribute__((always_inline)) void NAME(update_vectors)(
    const int rows, const int height, const int vectors, const int changes, const int is_last, ptrdiff_t rest,
    const NAME(vector) *factor, const TYPE *g, ptrdiff_t g_pitch, const NAME(row_change) *change, TYPE *w, ptrdiff_t w_pitch,
    TYPE *velocity) {
  NAME(vector) added[NAME(update_sums)];
#pragma clang loop unroll(full)
  for (int k = 0; k < height * vectors; k++) added[k] = (NAME(vector))(0);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) {
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) {
      const NAME(vector) right = NAME(load)(g + r * g_pitch + v * NAME(width));
#pragma clang loop unroll(full)
      for (int j = 0; j < height; j++) {
        added[j * vectors + v] = FMA(factor[r * height + j], right, added[j * vectors + v]);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < height * vectors; k++) {
    const ptrdiff_t place = k / vectors * w_pitch + k % vectors * NAME(width);
    NAME(change_vector)
    (changes, is_last, rest, change, NAME(load)(w + place), added[k], w + place, velocity + place);
  }
}

/// A part of a few rows of W, a vector long at least before its end. The same part of `later` rows is fetched on the way.
static inline __attribute__((always_inline)) void NAME(update_block)(
    const int rows, const int height, const int changes, ptrdiff_t depth, const TYPE *g, ptrdiff_t g_pitch,
    const NAME(row_change) *change, TYPE *w, ptrdiff_t w_pitch, TYPE *velocity, const TYPE *later) {
  const int vectors = height <= 2 ? 2 : 1;
  // A copy that no store can change.
  const NAME(row_change) own = *change;
  NAME(vector) factor[NAME(update_factors)];
#pragma clang loop unroll(full)
  for (int k = 0; k < rows * height; k++) factor[k] = (NAME(vector))(change->x[k / height * change->pitch + k % height]);
  // First, so that nothing loads what is still on its way to the cache.
  const ptrdiff_t last = depth - NAME(width), rest = depth % NAME(width);
  if (rest > 0) {
    NAME(update_vectors)
    (rows, height, 1, changes, 1, rest, factor, g + last, g_pitch, &own, w + last, w_pitch, velocity + last);
  }
  ptrdiff_t d = 0;
  for (; d + vectors * NAME(width) <= depth; d += vectors * NAME(width)) {
#pragma clang loop unroll(full)
    for (int k = 0; k < height * vectors; k++) {
      __builtin_prefetch(later + k / vectors * w_pitch + d + k % vectors * NAME(width), 0, 2);
    }
    NAME(update_vectors)
    (rows, height, vectors, changes, 0, 0, factor, g + d, g_pitch, &own, w + d, w_pitch, velocity + d);
  }
  for (; d + NAME(width) <= depth; d += NAME(width)) {
    NAME(update_vectors)(rows, height, 1, changes, 0, 0, factor, g + d, g_pitch, &own, w + d, w_pitch, velocity + d);
  }
}

static void NAME(update_block_of)(ptrdiff_t rows, int is_whole, ptrdiff_t depth, const TYPE *g, ptrdiff_t g_pitch,
                                  const NAME(row_change) *change, TYPE *w, ptrdiff_t w_pitch, TYPE *velocity,
                                  const TYPE *later) {
#define BLOCK(r, whole, changes, velocity)                                                                            \
  NAME(update_block)(r, whole ? NAME(update_height)(r) : 1, changes, depth, g, g_pitch, change, w, w_pitch, velocity, \
                     later)
#define CASE(r, whole)                                                    \
  case r * 2 + whole:                                                     \
    if (velocity) BLOCK(r, whole, NAME(changed_with_velocity), velocity); \
    else BLOCK(r, whole, NAME(changed_alone), w);                         \
    return;
  switch (rows * 2 + is_whole) {
    CASES_1_TO_6(0) CASES_7_TO_12(0) CASE(13, 0) CASE(14, 0) CASE(15, 0) CASE(16, 0)
    CASES_1_TO_6(1)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES_7_TO_12(1)
#endif
  }
#undef CASE
#undef BLOCK
}

/// The update where there are more rows, or less than a vector of outputs.
static void NAME(update_by_product)(ptrdiff_t rows, ptrdiff_t inputs, ptrdiff_t outputs, const TYPE *g, ptrdiff_t g_pitch,
                                    const NAME(row_change) change, TYPE *w, ptrdiff_t w_pitch, TYPE *velocity) {
  for (ptrdiff_t j = 0; velocity && j < inputs; j++) {
    for (ptrdiff_t d = 0; d < outputs; d++) velocity[j * w_pitch + d] *= change.momentum;
  }
  NAME(streamed_product)
  (inputs, outputs, rows, change.alpha, change.x, 1, change.pitch, g, g_pitch, 1, velocity ? velocity : w, w_pitch,
   0);
  for (ptrdiff_t j = 0; velocity && j < inputs; j++) {
    TYPE *row = w + j * w_pitch, *its = velocity + j * w_pitch;
    for (ptrdiff_t d = 0; d < outputs; d++) {
      if (change.decay != 0) its[d] = FMA(change.decay, row[d], its[d]);
      row[d] = FMA(change.step, its[d], row[d]);
    }
  }
}

static void NAME(weight_update)(ptrdiff_t rows, ptrdiff_t inputs, ptrdiff_t outputs, const TYPE *g, ptrdiff_t g_pitch,
                                NAME(row_change) change, TYPE *w, ptrdiff_t w_pitch, TYPE *velocity, ptrdiff_t following) {
  if (outputs < NAME(width) || rows < 1 || rows > NAME(update_rows)) {
    NAME(update_by_product)(rows, inputs, outputs, g, g_pitch, change, w, w_pitch, velocity);
    return;
  }
  const ptrdiff_t part = NAME(dotted_depth)(rows, outputs), high = NAME(update_height)(rows);
  const TYPE *x = change.x;
  for (ptrdiff_t d = 0; d < outputs; d += part) {
    const ptrdiff_t deep = ridgeline_smaller(part, outputs - d);
    for (ptrdiff_t j = 0; j < inputs;) {
      const int is_whole = high > 1 && j + high <= inputs;
      const ptrdiff_t place = j * w_pitch + d, height = is_whole ? high : 1;
      const ptrdiff_t next = ridgeline_smaller(j + ridgeline_larger(dotted_ahead, height), inputs + following - height);
      change.x = x + j;
      NAME(update_block_of)
      (rows, is_whole, deep, g + d, g_pitch, &change, w + place, w_pitch, velocity ? velocity + place : NULL,
       w + next * w_pitch + d);
      j += height;
    }
  }
}
