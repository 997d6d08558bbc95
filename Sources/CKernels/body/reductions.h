// Sums and maxima. A sum runs over 32 lanes side by side in blocks of 1024, and blocks are added in double precision:
// the order, and so the bits, depend on the count only, and the error does not grow with it.

static double NAME(fold)(const TYPE *partial) {
  double total[lanes];
  for (int lane = 0; lane < lanes; lane++) total[lane] = partial[lane];
  for (int half = lanes / 2; half > 0; half /= 2) {
    for (int lane = 0; lane < half; lane++) total[lane] += total[lane + half];
  }
  return total[0];
}

/// Defines a sum: `accumulate` is a lane's partial sum with element i added, `term` is element i's share in double.
#define DEFINE_SUM(name, parameters, accumulate, term)                               \
  static double NAME(name) parameters {                                              \
    double total = 0;                                                                \
    ptrdiff_t start = 0;                                                             \
    while (count - start >= lanes) {                                                 \
      TYPE partial[lanes] = {0};                                                     \
      ptrdiff_t end = start + ridgeline_smaller(sum_block, count - start) / lanes * lanes; \
      for (; start < end; start += lanes) {                                          \
        for (int lane = 0; lane < lanes; lane++) {                                   \
          ptrdiff_t i = start + lane;                                                \
          partial[lane] = accumulate;                                                \
        }                                                                            \
      }                                                                              \
      total += NAME(fold)(partial);                                                  \
    }                                                                                \
    for (ptrdiff_t i = start; i < count; i++) total += term;                         \
    return total;                                                                    \
  }

DEFINE_SUM(sum, (ptrdiff_t count, const TYPE *x), partial[lane] + x[i], x[i])
DEFINE_SUM(sum_of_products, (ptrdiff_t count, const TYPE *a, const TYPE *b), FMA(a[i], b[i], partial[lane]),
           (double)a[i] * (double)b[i])
#undef DEFINE_SUM

/// The larger of two, or the NaN among them.
static inline TYPE NAME(larger)(TYPE a, TYPE b) { return ((a > b) | (a != a)) ? a : b; }

static TYPE NAME(maximum)(ptrdiff_t count, const TYPE *x) {
  TYPE result = -INFINITY;
  ptrdiff_t i = 0;
  if (count >= lanes) {
    TYPE partial[lanes];
    for (int lane = 0; lane < lanes; lane++) partial[lane] = x[lane];
    for (i = lanes; i + lanes <= count; i += lanes) {
      for (int lane = 0; lane < lanes; lane++) partial[lane] = NAME(larger)(partial[lane], x[i + lane]);
    }
    for (int lane = 0; lane < lanes; lane++) result = NAME(larger)(result, partial[lane]);
  }
  for (; i < count; i++) result = NAME(larger)(result, x[i]);
  return result;
}

static void NAME(sum_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out) {
  for (ptrdiff_t row = 0; row < rows; row++) out[row] = (TYPE)NAME(sum)(columns, x + row * stride);
}

static void NAME(max_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out) {
  for (ptrdiff_t row = 0; row < rows; row++) out[row] = NAME(maximum)(columns, x + row * stride);
}

static TYPE NAME(dot)(ptrdiff_t count, const TYPE *a, const TYPE *b) {
  return (TYPE)NAME(sum_of_products)(count, a, b);
}

static TYPE NAME(sum_of_squares)(ptrdiff_t count, const TYPE *x) { return (TYPE)NAME(sum_of_products)(count, x, x); }

/// Columns handled at once, rows summed in the element type before they move to a double, and columns that are few.
enum { NAME(column_tile) = 512, NAME(row_block) = 64, NAME(few_columns) = 64 };

/// total[j] = sum over rows of x[row][j] for some whole vectors of columns, whose sums stay in registers.
static inline __attribute__((always_inline)) void NAME(sum_column_vectors)(const int vectors, ptrdiff_t rows, const TYPE *x,
                                                                           ptrdiff_t stride, double *restrict total) {
  for (ptrdiff_t j = 0; j < vectors * NAME(width); j++) total[j] = 0;
  for (ptrdiff_t first = 0; first < rows; first += NAME(row_block)) {
    const ptrdiff_t last = ridgeline_smaller(rows, first + NAME(row_block));
    NAME(vector) sum[4];
    TYPE partial[4 * NAME(width)];
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) sum[v] = NAME(load)(x + first * stride + v * NAME(width));
    for (ptrdiff_t row = first + 1; row < last; row++) {
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) sum[v] += NAME(load)(x + row * stride + v * NAME(width));
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) NAME(store)(partial + v * NAME(width), sum[v]);
    for (ptrdiff_t j = 0; j < vectors * NAME(width); j++) total[j] += partial[j];
  }
}

/// total[j] = sum over rows of x[row][j], for at most `column_tile` columns.
static void NAME(sum_column_tile)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *restrict x, ptrdiff_t stride,
                                  double *restrict total) {
  ptrdiff_t j = 0;
  for (; columns - j >= 4 * NAME(width); j += 4 * NAME(width)) {
    NAME(sum_column_vectors)(4, rows, x + j, stride, total + j);
  }
  switch ((columns - j) / NAME(width)) {
    case 3: NAME(sum_column_vectors)(3, rows, x + j, stride, total + j); break;
    case 2: NAME(sum_column_vectors)(2, rows, x + j, stride, total + j); break;
    case 1: NAME(sum_column_vectors)(1, rows, x + j, stride, total + j); break;
  }
  j = columns - columns % NAME(width);
  if (j > 0 && j < columns) {
    // The last vector overlaps the one before, which comes to the same sums.
    j = columns - NAME(width);
    NAME(sum_column_vectors)(1, rows, x + j, stride, total + j);
    j = columns;
  }
  for (; j < columns; j++) {
    total[j] = 0;
    for (ptrdiff_t first = 0; first < rows; first += NAME(row_block)) {
      const ptrdiff_t last = ridgeline_smaller(rows, first + NAME(row_block));
      TYPE sum = x[first * stride + j];
      for (ptrdiff_t row = first + 1; row < last; row++) sum += x[row * stride + j];
      total[j] += sum;
    }
  }
}

/// out[j] += sum over rows of x[row][j], or becomes it, for so few rows that nothing moves to a double.
static void NAME(sum_few_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out,
                               int accumulate) {
  for (ptrdiff_t first = 0; first < columns; first += NAME(column_tile)) {
    const ptrdiff_t width = ridgeline_smaller(columns - first, NAME(column_tile));
    TYPE sum[NAME(column_tile)];
    memcpy(sum, x + first, (size_t)width * sizeof(TYPE));
    for (ptrdiff_t row = 1; row < rows; row++) {
      const TYPE *from = x + row * stride + first;
      for (ptrdiff_t j = 0; j < width; j++) sum[j] += from[j];
    }
    for (ptrdiff_t j = 0; j < width; j++) out[first + j] = accumulate ? out[first + j] + sum[j] : sum[j];
  }
}

static void NAME(sum_columns)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out,
                              int accumulate) {
  double total[NAME(column_tile)];
  if (rows > 0 && rows <= NAME(row_block) && columns > NAME(few_columns)) {
    NAME(sum_few_rows)(rows, columns, x, stride, out, accumulate);
    return;
  }
  // Few contiguous columns: several rows side by side fill the vectors, and are folded at the end.
  if (columns > 0 && columns <= NAME(few_columns) && stride == columns && rows * columns >= 2 * NAME(column_tile)) {
    // A number of rows that fills whole vectors, where it is not too large.
    ptrdiff_t whole = 16;
    while (whole > 1 && whole / 2 * columns % 16 == 0) whole /= 2;
    ptrdiff_t together = 128 / columns >= whole ? 128 / columns / whole * whole : 128 / columns;
    ptrdiff_t width = together * columns, folded = rows / together;
    NAME(sum_column_tile)(folded, width, x, width, total);
    for (ptrdiff_t j = 0; j < columns; j++) {
      double sum = total[j];
      for (ptrdiff_t k = 1; k < together; k++) sum += total[k * columns + j];
      for (ptrdiff_t row = folded * together; row < rows; row++) sum += x[row * stride + j];
      out[j] = (accumulate ? out[j] : (TYPE)0) + (TYPE)sum;
    }
    return;
  }
  for (ptrdiff_t first = 0; first < columns; first += NAME(column_tile)) {
    ptrdiff_t width = ridgeline_smaller(columns - first, NAME(column_tile));
    NAME(sum_column_tile)(rows, width, x + first, stride, total);
    for (ptrdiff_t j = 0; j < width; j++) {
      out[first + j] = (accumulate ? out[first + j] : (TYPE)0) + (TYPE)total[j];
    }
  }
}

static void NAME(max_columns)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *restrict out,
                              int accumulate) {
  if (!accumulate) {
    for (ptrdiff_t j = 0; j < columns; j++) out[j] = -INFINITY;
  }
  for (ptrdiff_t row = 0; row < rows; row++) {
    for (ptrdiff_t j = 0; j < columns; j++) out[j] = NAME(larger)(out[j], x[row * stride + j]);
  }
}

/// sums += x; `lost`, what rounding took from the additions before, is made up for, and becomes what it takes from this one.
static void NAME(add_compensated)(ptrdiff_t count, const TYPE *x, TYPE *restrict sums, TYPE *restrict lost) {
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    const TYPE term = x[k] - lost[k], sum = sums[k] + term;
    lost[k] = (sum - sums[k]) - term;
    sums[k] = sum;
  }
}
