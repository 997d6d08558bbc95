// The inner loops of the convolutions of interleaved images: pixels of `width` images lie side by side, one a lane, so that
// every vector is full whatever the number of channels. Weights are broadcast to all lanes; sums stay in registers.

enum {
  /// Sums held in registers, how many of them one pixel or output channel may have, and pixels of a block.
  NAME(lane_sums) = RIDGELINE_VECTOR_BYTES == 64 ? 24 : 12,
  NAME(lane_breadth) = 6,
  NAME(lane_pixels) = NAME(lane_sums) / NAME(lane_breadth),
  /// Rows of a matrix that one vector is multiplied by at a time: enough to hide the latency of an addition.
  NAME(lane_rows) = 12,
};

/// The first place in memory where a vector does not cross cache lines; at most a vector further on.
static inline TYPE *NAME(aligned)(TYPE *memory) {
  return (TYPE *)(((uintptr_t)memory + RIDGELINE_VECTOR_BYTES - 1) / RIDGELINE_VECTOR_BYTES * RIDGELINE_VECTOR_BYTES);
}

/// What `lane_products` multiplies: of a pixel the elements (row, segment, j) that lie one lane's vector after the other in
/// j, and the weights that stand for them in the kernel, in elements from one to the next.
typedef struct NAME(lane_walk) {
  ptrdiff_t rows, segments, length;
  ptrdiff_t row_pitch, segment_pitch, pixel_pitch;
  ptrdiff_t kernel_row, kernel_segment, kernel_element, kernel_output;
} NAME(lane_walk);

/// to[p * to_pitch + o] = sum over the walk of the vector of pixel p * the weight for output o.
static inline __attribute__((always_inline)) void NAME(accumulate_lanes)(
    const int pixels, const int outputs, const NAME(lane_walk) *walk, const TYPE *in, const TYPE *kernel, TYPE *to,
    ptrdiff_t to_pitch) {
  NAME(vector) sum[NAME(lane_sums)];
  const NAME(lane_walk) w = *walk;
#pragma clang loop unroll(full)
  for (int k = 0; k < pixels * outputs; k++) sum[k] = (NAME(vector))(0);
  for (ptrdiff_t row = 0; row < w.rows; row++) {
    for (ptrdiff_t s = 0; s < w.segments; s++) {
      const TYPE *x = in + row * w.row_pitch + s * w.segment_pitch;
      const TYPE *weights = kernel + row * w.kernel_row + s * w.kernel_segment;
      for (ptrdiff_t j = 0; j < w.length; j++, x += NAME(width), weights += w.kernel_element) {
        NAME(vector) pixel[NAME(lane_pixels)];
#pragma clang loop unroll(full)
        for (int p = 0; p < pixels; p++) pixel[p] = NAME(load)(x + p * w.pixel_pitch);
#pragma clang loop unroll(full)
        for (int o = 0; o < outputs; o++) {
          NAME(vector) weight = (NAME(vector))(weights[o * w.kernel_output]);
#pragma clang loop unroll(full)
          for (int p = 0; p < pixels; p++) sum[p * outputs + o] = FMA(pixel[p], weight, sum[p * outputs + o]);
        }
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < pixels * outputs; k++) {
    NAME(store)(to + k / outputs * to_pitch + k % outputs * NAME(width), sum[k]);
  }
}

/// `accumulate_lanes` for a number of pixels and outputs known only now.
static void NAME(lane_products)(ptrdiff_t pixels, ptrdiff_t outputs, const NAME(lane_walk) *walk, const TYPE *in,
                                const TYPE *kernel, TYPE *to, ptrdiff_t to_pitch) {
#define CASE(p, o)                                                       \
  case p * 8 + o:                                                        \
    NAME(accumulate_lanes)(p, o, walk, in, kernel, to, to_pitch); \
    return;
#define CASES(p) CASE(p, 1) CASE(p, 2) CASE(p, 3) CASE(p, 4) CASE(p, 5) CASE(p, 6)
  switch (pixels * 8 + outputs) {
    CASES(1)
    CASES(2)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES(3)
    CASES(4)
#endif
  }
#undef CASES
#undef CASE
}

/// to[r] = sum over d of matrix[r][d] * the vector in[d], for a few rows.
static inline __attribute__((always_inline)) void NAME(accumulate_lane_rows)(const int rows, ptrdiff_t depth,
                                                                             const TYPE *matrix, const TYPE *in, TYPE *to) {
  NAME(vector) sum[NAME(lane_rows)];
  // A few rows to a pointer: one for each row would not stay in registers.
  const TYPE *from[(NAME(lane_rows) + 3) / 4];
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) sum[r] = (NAME(vector))(0);
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r += 4) from[r / 4] = matrix + r * depth;
  for (ptrdiff_t d = 0; d < depth; d++) {
    const NAME(vector) x = NAME(load)(in + d * NAME(width));
#pragma clang loop unroll(full)
    for (int r = 0; r < rows; r++) sum[r] = FMA((NAME(vector))(from[r / 4][r % 4 * depth + d]), x, sum[r]);
  }
#pragma clang loop unroll(full)
  for (int r = 0; r < rows; r++) NAME(store)(to + r * NAME(width), sum[r]);
}

/// The product of a matrix of `rows` rows of `depth` elements with interleaved vectors of `depth` elements.
static void NAME(interleaved_product)(ptrdiff_t rows, ptrdiff_t depth, const TYPE *matrix, const TYPE *in, TYPE *out) {
#define CASE(n)                                                                                          \
  case n:                                                                                                \
    NAME(accumulate_lane_rows)(n, depth, matrix + first * depth, in, out + first * NAME(width)); \
    break;
  const ptrdiff_t blocks = NAME(blocks_of)(rows, NAME(lane_rows));
  for (ptrdiff_t block = 0; block < blocks; block++) {
    const ptrdiff_t first = block * rows / blocks;
    switch ((block + 1) * rows / blocks - first) {
      CASE(1) CASE(2) CASE(3) CASE(4) CASE(5) CASE(6) CASE(7) CASE(8) CASE(9) CASE(10) CASE(11) CASE(12)
    }
  }
#undef CASE
}

/// Where the sums of a kernel's gradient run: over `rows` rows of `columns` pixels and gradients.
typedef struct NAME(lane_field) {
  ptrdiff_t rows, columns;
  ptrdiff_t row_pitch, pixel_pitch, gradient_row_pitch, gradient_pitch;
} NAME(lane_field);

/// sums[e * sums_pitch + o] = sum over the field of the vector in[offsets[e]] * the vector gradient[o], added to what is
/// there unless `is_first`.
static inline __attribute__((always_inline)) void NAME(accumulate_lane_taps)(
    const int elements, const int outputs, int is_first, const NAME(lane_field) *field, const TYPE *in,
    const ptrdiff_t *offsets, const TYPE *gradient, TYPE *sums, ptrdiff_t sums_pitch) {
  NAME(vector) sum[NAME(lane_sums)];
  const NAME(lane_field) f = *field;
  const TYPE *from[NAME(lane_breadth)];
#pragma clang loop unroll(full)
  for (int k = 0; k < elements * outputs; k++) {
    sum[k] = is_first ? (NAME(vector))(0) : NAME(load)(sums + k / outputs * sums_pitch + k % outputs * NAME(width));
  }
  for (ptrdiff_t row = 0; row < f.rows; row++) {
#pragma clang loop unroll(full)
    for (int e = 0; e < elements; e++) from[e] = in + row * f.row_pitch + offsets[e];
    const TYPE *y = gradient + row * f.gradient_row_pitch;
    for (ptrdiff_t column = 0; column < f.columns * f.pixel_pitch; column += f.pixel_pitch, y += f.gradient_pitch) {
      // The fewer of both stay in registers beside the sums.
      NAME(vector) kept[NAME(lane_breadth)];
      if (elements <= outputs) {
#pragma clang loop unroll(full)
        for (int e = 0; e < elements; e++) kept[e] = NAME(load)(from[e] + column);
#pragma clang loop unroll(full)
        for (int o = 0; o < outputs; o++) {
          NAME(vector) g = NAME(load)(y + o * NAME(width));
#pragma clang loop unroll(full)
          for (int e = 0; e < elements; e++) sum[e * outputs + o] = FMA(kept[e], g, sum[e * outputs + o]);
        }
      } else {
#pragma clang loop unroll(full)
        for (int o = 0; o < outputs; o++) kept[o] = NAME(load)(y + o * NAME(width));
#pragma clang loop unroll(full)
        for (int e = 0; e < elements; e++) {
          NAME(vector) pixel = NAME(load)(from[e] + column);
#pragma clang loop unroll(full)
          for (int o = 0; o < outputs; o++) sum[e * outputs + o] = FMA(pixel, kept[o], sum[e * outputs + o]);
        }
      }
    }
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < elements * outputs; k++) {
    NAME(store)(sums + k / outputs * sums_pitch + k % outputs * NAME(width), sum[k]);
  }
}

/// `accumulate_lane_taps` for a number of elements and outputs known only now.
static void NAME(lane_taps)(ptrdiff_t elements, ptrdiff_t outputs, int is_first, const NAME(lane_field) *field,
                            const TYPE *in, const ptrdiff_t *offsets, const TYPE *gradient, TYPE *sums,
                            ptrdiff_t sums_pitch) {
#define CASE(e, o)                                                                                    \
  case e * 8 + o:                                                                                     \
    NAME(accumulate_lane_taps)(e, o, is_first, field, in, offsets, gradient, sums, sums_pitch); \
    return;
#define CASES_3(e) CASE(e, 1) CASE(e, 2) CASE(e, 3)
#define CASES_4(e) CASES_3(e) CASE(e, 4)
#define CASES_6(e) CASES_4(e) CASE(e, 5) CASE(e, 6)
  switch (elements * 8 + outputs) {
    CASES_6(1)
    CASES_6(2)
#if RIDGELINE_VECTOR_BYTES == 64
    CASES_6(3)
    CASES_6(4)
    CASES_4(5)
    CASES_4(6)
#else
    CASES_4(3)
    CASES_3(4)
#endif
  }
#undef CASES_6
#undef CASES_4
#undef CASES_3
#undef CASE
}

/// The sums of neighbouring lanes, those of `a` before those of `b`.
static inline NAME(vector) NAME(pair_sums)(NAME(vector) a, NAME(vector) b) {
#if RIDGELINE_VECTOR_BYTES / TYPE_BYTES == 16
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30) +
         __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
#elif RIDGELINE_VECTOR_BYTES / TYPE_BYTES == 8
  return __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14) +
         __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15);
#elif RIDGELINE_VECTOR_BYTES / TYPE_BYTES == 4
  return __builtin_shufflevector(a, b, 0, 2, 4, 6) + __builtin_shufflevector(a, b, 1, 3, 5, 7);
#else
  return __builtin_shufflevector(a, b, 0, 2) + __builtin_shufflevector(a, b, 1, 3);
#endif
}

/// Adds the sum over the lanes of each of `count` vectors to `to`.
static void NAME(add_lane_sums)(ptrdiff_t count, const TYPE *vectors, TYPE *to) {
  NAME(vector) v[NAME(width)];
  for (; count > 0; count -= NAME(width), vectors += NAME(width) * NAME(width), to += NAME(width)) {
    const ptrdiff_t here = ridgeline_smaller(count, NAME(width));
    for (ptrdiff_t k = 0; k < NAME(width); k++) v[k] = k < here ? NAME(load)(vectors + k * NAME(width)) : (NAME(vector))(0);
#pragma clang loop unroll(full)
    for (int n = NAME(width) / 2; n > 0; n /= 2) {
#pragma clang loop unroll(full)
      for (int k = 0; k < n; k++) v[k] = NAME(pair_sums)(v[2 * k], v[2 * k + 1]);
    }
    if (here == NAME(width)) {
      NAME(store)(to, NAME(load)(to) + v[0]);
    } else {
      for (ptrdiff_t k = 0; k < here; k++) to[k] += v[0][k];
    }
  }
}
