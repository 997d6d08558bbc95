// Softmax over contiguous rows, shifted by the row's maximum so that nothing overflows.

/// out = e^(x - shift).
static void NAME(shifted_exponential)(ptrdiff_t count, const TYPE *x, TYPE shift, TYPE *out) {
  MATH_LOOP
  for (ptrdiff_t i = 0; i < count; i++) out[i] = NAME(exponential)(x[i] - shift);
}

/// sum of e^(x - shift) over a row, through a small buffer.
static double NAME(sum_of_exponentials)(ptrdiff_t count, const TYPE *x, TYPE shift) {
  TYPE buffer[sum_block];
  double total = 0;
  for (ptrdiff_t start = 0; start < count; start += sum_block) {
    ptrdiff_t block = ridgeline_smaller(sum_block, count - start);
    NAME(shifted_exponential)(block, x + start, shift, buffer);
    total += NAME(sum)(block, buffer);
  }
  return total;
}

static void NAME(softmax_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, TYPE *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += columns, out += columns) {
    NAME(shifted_exponential)(columns, x, NAME(maximum)(columns, x), out);
    TYPE sum = (TYPE)NAME(sum)(columns, out);
    for (ptrdiff_t i = 0; i < columns; i++) out[i] = out[i] / sum;
  }
}

static void NAME(log_softmax_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, TYPE *out) {
  for (ptrdiff_t row = 0; row < rows; row++, x += columns, out += columns) {
    TYPE shift = NAME(maximum)(columns, x);
    TYPE logarithm = (TYPE)log(NAME(sum_of_exponentials)(columns, x, shift));
    INDEPENDENT
    for (ptrdiff_t i = 0; i < columns; i++) out[i] = (x[i] - shift) - logarithm;
  }
}

/// losses[row] = -log softmax(logits[row])[labels[row]]; a label that is no column gives a NaN.
static void NAME(softmax_cross_entropy_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *logits, const TYPE *labels,
                                             TYPE *losses) {
  for (ptrdiff_t row = 0; row < rows; row++, logits += columns) {
    ptrdiff_t column = NAME(index)(labels[row], columns);
    if (column < 0) {
      losses[row] = NAN;
      continue;
    }
    TYPE shift = NAME(maximum)(columns, logits);
    double logarithm = log(NAME(sum_of_exponentials)(columns, logits, shift));
    losses[row] = (TYPE)(logarithm - ((double)logits[column] - (double)shift));
  }
}
