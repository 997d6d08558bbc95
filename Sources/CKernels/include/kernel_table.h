// Included once for each element type, with TYPE and TABLE defined: the kernels that exist at every level.
// Pointers may be unaligned to more than their element. `out` may equal an input in `elementwise`, the softmax kernels
// and `dropout`, element for element; no other overlap is allowed anywhere.

typedef struct TABLE {
  // Elementwise: out[i] = f(a[i], b[i], c[i]; p, q). Inputs an opcode does not read may be NULL.
  void (*elementwise)(int32_t opcode, ptrdiff_t count, const TYPE *a, const TYPE *b, const TYPE *c, TYPE *out, TYPE p,
                      TYPE q);

  // Movement. out[i] = source[sum over axes of index(start + i)[axis] * strides[axis]], row-major in `dimensions`.
  void (*broadcast_copy)(ptrdiff_t rank, const ptrdiff_t *dimensions, const ptrdiff_t *strides, ptrdiff_t start,
                         ptrdiff_t count, const TYPE *source, TYPE *out);

  // Reductions over x[rows][stride], of which `columns` are read in a row. The order of a sum depends on the shape only.
  void (*sum_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out);
  void (*max_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out);
  void (*sum_columns)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out, int accumulate);
  void (*max_columns)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out, int accumulate);
  TYPE (*dot)(ptrdiff_t count, const TYPE *a, const TYPE *b);
  TYPE (*sum_of_squares)(ptrdiff_t count, const TYPE *x);

  // Softmax over the columns of contiguous rows.
  void (*softmax_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, TYPE *out);
  void (*log_softmax_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, TYPE *out);
  void (*softmax_cross_entropy_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *logits, const TYPE *labels,
                                     TYPE *losses);

  // Random numbers: draw i depends on key and counter + i only.
  void (*philox_uniform)(uint64_t key, uint64_t counter, ptrdiff_t count, TYPE *out);
  void (*dropout)(uint64_t key, uint64_t counter, ptrdiff_t count, double rate, TYPE scale, const TYPE *x, TYPE *out);
} TABLE;
