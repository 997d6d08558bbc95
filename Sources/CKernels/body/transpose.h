// Small transpositions, between channels that lie side by side and planes of one channel each.

typedef TYPE NAME(quad) __attribute__((ext_vector_type(4)));
typedef TYPE NAME(pair) __attribute__((ext_vector_type(2)));

/// to[c * to_pitch + r] = from[r * from_pitch + c] for 4 rows and 4 columns.
static inline void NAME(transpose_4x4)(const TYPE *from, ptrdiff_t from_pitch, TYPE *to, ptrdiff_t to_pitch) {
  NAME(quad) row[4], low, high;
  for (int r = 0; r < 4; r++) memcpy(&row[r], from + r * from_pitch, sizeof row[r]);
  NAME(quad) zip[4] = {
      __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5), __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7),
      __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5), __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7)};
  for (int half = 0; half < 2; half++) {
    low = __builtin_shufflevector(zip[half], zip[half + 2], 0, 1, 4, 5);
    high = __builtin_shufflevector(zip[half], zip[half + 2], 2, 3, 6, 7);
    memcpy(to + 2 * half * to_pitch, &low, sizeof low);
    memcpy(to + (2 * half + 1) * to_pitch, &high, sizeof high);
  }
}

/// The same for 2 rows and 4 columns.
static inline void NAME(transpose_2x4)(const TYPE *from, ptrdiff_t from_pitch, TYPE *to, ptrdiff_t to_pitch) {
  NAME(quad) row[2];
  for (int r = 0; r < 2; r++) memcpy(&row[r], from + r * from_pitch, sizeof row[r]);
  NAME(quad) low = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5);
  NAME(quad) high = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7);
  NAME(pair) column[4] = {low.lo, low.hi, high.lo, high.hi};
  for (int c = 0; c < 4; c++) memcpy(to + c * to_pitch, &column[c], sizeof column[c]);
}

/// The same for 4 rows and 2 columns.
static inline void NAME(transpose_4x2)(const TYPE *from, ptrdiff_t from_pitch, TYPE *to, ptrdiff_t to_pitch) {
  NAME(pair) row[4];
  for (int r = 0; r < 4; r++) memcpy(&row[r], from + r * from_pitch, sizeof row[r]);
  NAME(quad) upper = __builtin_shufflevector(row[0], row[1], 0, 1, 2, 3);
  NAME(quad) lower = __builtin_shufflevector(row[2], row[3], 0, 1, 2, 3);
  NAME(quad) column[2] = {
      __builtin_shufflevector(upper, lower, 0, 2, 4, 6), __builtin_shufflevector(upper, lower, 1, 3, 5, 7)};
  for (int c = 0; c < 2; c++) memcpy(to + c * to_pitch, &column[c], sizeof column[c]);
}

/// to[c * to_pitch + r] = from[r * from_pitch + c] for any number of rows and columns.
static void NAME(transpose)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *from, ptrdiff_t from_pitch, TYPE *to,
                            ptrdiff_t to_pitch) {
  for (; rows >= 4; rows -= 4, from += 4 * from_pitch, to += 4) {
    const TYPE *x = from;
    TYPE *out = to;
    ptrdiff_t rest = columns;
#pragma clang loop unroll(disable)
    for (; rest >= 4; rest -= 4, x += 4, out += 4 * to_pitch) NAME(transpose_4x4)(x, from_pitch, out, to_pitch);
    if (rest >= 2) NAME(transpose_4x2)(x, from_pitch, out, to_pitch);
    if (rest & 1) {
      for (int k = 0; k < 4; k++) out[(rest & 2) * to_pitch + k] = x[k * from_pitch + (rest & 2)];
    }
  }
  if (rows >= 2) {
    const TYPE *x = from;
    TYPE *out = to;
    ptrdiff_t rest = columns;
#pragma clang loop unroll(disable)
    for (; rest >= 4; rest -= 4, x += 4, out += 4 * to_pitch) NAME(transpose_2x4)(x, from_pitch, out, to_pitch);
    for (; rest > 0; rest--, x++, out += to_pitch) {
      for (int k = 0; k < 2; k++) out[k] = x[k * from_pitch];
    }
    from += 2 * from_pitch;
    to += 2;
  }
  if (rows & 1) {
    for (ptrdiff_t c = 0; c < columns; c++) to[c * to_pitch] = from[c];
  }
}
