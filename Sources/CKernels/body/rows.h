// Rows of a table chosen by index, where indices are numbers of the element type.

/// The index held in a number, or -1 where it is not one of 0 ..< limit.
static inline ptrdiff_t NAME(index)(TYPE value, ptrdiff_t limit) {
  if (!(value >= 0 && value < (TYPE)limit)) return -1;
  ptrdiff_t index = (ptrdiff_t)value;
  return (TYPE)index == value && index < limit ? index : -1;
}

static void NAME(gather_rows)(ptrdiff_t table_rows, ptrdiff_t width, ptrdiff_t count, const TYPE *table,
                              const TYPE *indices, TYPE *out) {
  for (ptrdiff_t i = 0; i < count; i++, out += width) {
    ptrdiff_t row = NAME(index)(indices[i], table_rows);
    if (row >= 0) {
      memcpy(out, table + row * width, (size_t)width * sizeof(TYPE));
    } else {
      for (ptrdiff_t j = 0; j < width; j++) out[j] = NAN;
    }
  }
}

static void NAME(scatter_add_rows)(ptrdiff_t first_row, ptrdiff_t last_row, ptrdiff_t width, ptrdiff_t count,
                                   const TYPE *indices, const TYPE *rows, TYPE *table) {
  for (ptrdiff_t i = 0; i < count; i++, rows += width) {
    ptrdiff_t row = NAME(index)(indices[i], last_row);
    if (row < first_row) continue;
    TYPE *restrict target = table + row * width;
    for (ptrdiff_t j = 0; j < width; j++) target[j] += rows[j];
  }
}

static void NAME(one_hot)(ptrdiff_t depth, ptrdiff_t count, const TYPE *indices, TYPE *out) {
  for (ptrdiff_t i = 0; i < count; i++, out += depth) {
    ptrdiff_t row = NAME(index)(indices[i], depth);
    for (ptrdiff_t j = 0; j < depth; j++) out[j] = 0;
    if (row >= 0) out[row] = 1;
  }
}
