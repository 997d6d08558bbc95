// The way back through a dense layer under a small batch, dx = g W^T and W += alpha x^T g, in one pass over W: its rows are
// read, and written, once. With momentum the velocity of W takes the gradient, and W follows it, in the same pass.

enum {
  /// The most rows of g.
  NAME(backward_rows) = 16,
};

/// Rows of W whose sums have room in registers: the more there are, the less often lanes are added up.
static inline __attribute__((always_inline)) int NAME(backward_height)(ptrdiff_t rows) {
#if RIDGELINE_VECTOR_BYTES == 64
  return rows == 1 ? 8 : rows <= 3 ? 4 : rows <= 12 ? 2 : 1;
#else
  return rows == 1 ? 4 : rows == 2 ? 2 : 1;
#endif
}

static void NAME(backward_block)(ptrdiff_t rows, ptrdiff_t depth, const TYPE *g, ptrdiff_t g_pitch,
                                 const NAME(row_change) *change, TYPE *w, ptrdiff_t w_pitch, TYPE *velocity,
                                 const TYPE *later, TYPE beta, TYPE *dx, ptrdiff_t dx_pitch) {
#define BLOCK(r, changes, velocity)                                                                                    \
  NAME(dotted_block)(r, NAME(backward_height)(r), changes, depth, 1, g, g_pitch, w, w_pitch, velocity, change, later, \
                     beta, dx, dx_pitch)
#define CASE(r)                                                    \
  case r:                                                          \
    if (velocity) BLOCK(r, NAME(changed_with_velocity), velocity); \
    else BLOCK(r, NAME(changed_alone), w);                         \
    return;
  switch (rows) {
    CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8)
    CASE(9) CASE(10) CASE(11) CASE(12) CASE(13) CASE(14) CASE(15) CASE(16)
  }
#undef CASE
#undef BLOCK
}

static void NAME(backward_product)(ptrdiff_t rows, ptrdiff_t inputs, ptrdiff_t outputs, const TYPE *g, ptrdiff_t g_pitch,
                                   TYPE alpha, const TYPE *x, ptrdiff_t x_pitch, TYPE *w, ptrdiff_t w_pitch,
                                   TYPE *velocity, TYPE momentum, TYPE decay, TYPE step, TYPE *dx, ptrdiff_t dx_pitch,
                                   ptrdiff_t following) {
  const int fits = outputs >= NAME(width) && rows >= 1 && rows <= NAME(backward_rows);
  const ptrdiff_t high = NAME(backward_height)(rows), whole = fits ? inputs / high * high : 0;
  NAME(row_change) change = {alpha, x, x_pitch, momentum, decay, step};
  if (!dx) {
    NAME(weight_update)(rows, inputs, outputs, g, g_pitch, change, w, w_pitch, velocity, following);
    return;
  }
  const ptrdiff_t part = NAME(dotted_depth)(rows, outputs);
  for (ptrdiff_t d = 0; d < outputs; d += part) {
    const ptrdiff_t deep = ridgeline_smaller(part, outputs - d);
    for (ptrdiff_t j = 0; j < whole; j += high) {
      const ptrdiff_t place = j * w_pitch + d, ahead = ridgeline_larger(dotted_ahead, high);
      const ptrdiff_t next = ridgeline_smaller(j + ahead, inputs + following - high);
      change.x = x + j;
      NAME(backward_block)
      (rows, deep, g + d, g_pitch, &change, w + place, w_pitch, velocity ? velocity + place : NULL,
       w + next * w_pitch + d, d > 0, dx + j, dx_pitch);
    }
  }
  if (whole < inputs) {
    const ptrdiff_t place = whole * w_pitch;
    change.x = x + whole;
    NAME(dotted_product)(rows, inputs - whole, outputs, 1, g, g_pitch, w + place, w_pitch, 0, dx + whole, dx_pitch);
    NAME(weight_update)
    (rows, inputs - whole, outputs, g, g_pitch, change, w + place, w_pitch, velocity ? velocity + place : NULL, following);
  }
}
