// Copies through a strided view: broadcasts, transposes and slices.

/// One run along the innermost axis.
static inline void NAME(copy_run)(ptrdiff_t count, const TYPE *source, ptrdiff_t stride, TYPE *restrict out) {
  if (stride == 1) {
    memcpy(out, source, (size_t)count * sizeof(TYPE));
  } else if (stride == 0) {
    TYPE value = *source;
    for (ptrdiff_t i = 0; i < count; i++) out[i] = value;
  } else {
    for (ptrdiff_t i = 0; i < count; i++) out[i] = source[i * stride];
  }
}

/// Rows of the output that a transpose writes together, so that a cache line of the source is used whole.
enum { NAME(transposed_rows) = 16 };

/// Writes out[r][c] = source[r + c * stride] for `transposed_rows` rows of `columns`.
static void NAME(transpose_rows)(ptrdiff_t columns, const TYPE *source, ptrdiff_t stride, TYPE *restrict out) {
  for (ptrdiff_t first = 0; first < columns; first += 16) {
    ptrdiff_t last = ridgeline_smaller(first + 16, columns);
    for (ptrdiff_t row = 0; row < NAME(transposed_rows); row++) {
      for (ptrdiff_t column = first; column < last; column++) {
        out[row * columns + column] = source[row + column * stride];
      }
    }
  }
}

static void NAME(broadcast_copy)(ptrdiff_t rank, const ptrdiff_t *dimensions, const ptrdiff_t *strides, ptrdiff_t start,
                                 ptrdiff_t count, const TYPE *source, TYPE *out) {
  if (count <= 0) return;
  // Axes that continue one another in the source are walked as one: the runs below get longer.
  ptrdiff_t size[ridgeline_maximum_rank], step[ridgeline_maximum_rank], index[ridgeline_maximum_rank];
  ptrdiff_t axes = 0;
  for (ptrdiff_t axis = 0; axis < rank; axis++) {
    if (dimensions[axis] == 1) continue;
    if (axes > 0 && step[axes - 1] == strides[axis] * dimensions[axis]) {
      size[axes - 1] *= dimensions[axis];
      step[axes - 1] = strides[axis];
    } else {
      size[axes] = dimensions[axis];
      step[axes++] = strides[axis];
    }
  }
  if (axes == 0) {
    *out = *source;
    return;
  }
  ptrdiff_t rest = start;
  for (ptrdiff_t axis = axes - 1; axis >= 0; axis--) {
    index[axis] = rest % size[axis];
    rest /= size[axis];
    source += index[axis] * step[axis];
  }
  const ptrdiff_t inner = axes - 1;
  const int is_transpose = axes > 1 && step[inner] > 1 && step[inner - 1] == 1;
  while (1) {
    ptrdiff_t rows = NAME(transposed_rows), run = rows * size[inner];
    if (is_transpose && index[inner] == 0 && count >= run && index[inner - 1] + rows <= size[inner - 1]) {
      NAME(transpose_rows)(size[inner], source, step[inner], out);
      index[inner - 1] += rows - 1;
      source += rows - 1;
    } else {
      run = ridgeline_smaller(size[inner] - index[inner], count);
      NAME(copy_run)(run, source, step[inner], out);
    }
    out += run;
    count -= run;
    if (count == 0) return;
    source -= index[inner] * step[inner];
    index[inner] = 0;
    for (ptrdiff_t axis = inner - 1; axis >= 0; axis--) {
      source += step[axis];
      if (++index[axis] < size[axis]) break;
      source -= size[axis] * step[axis];
      index[axis] = 0;
    }
  }
}
