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

  // Rows of a table chosen by indices that are held as numbers. An index that is no row gives a row of NaN in
  // `gather_rows`, is passed over in `scatter_add_rows` and gives zeros in `one_hot`.
  void (*gather_rows)(ptrdiff_t table_rows, ptrdiff_t width, ptrdiff_t count, const TYPE *table, const TYPE *indices,
                      TYPE *out);
  // Adds only to the rows first_row ..< last_row, in the order of the indices.
  void (*scatter_add_rows)(ptrdiff_t first_row, ptrdiff_t last_row, ptrdiff_t width, ptrdiff_t count,
                           const TYPE *indices, const TYPE *rows, TYPE *table);
  void (*one_hot)(ptrdiff_t depth, ptrdiff_t count, const TYPE *indices, TYPE *out);

  // Lowering of a convolution, for the output rows first_row ..< first_row + rows of one image and a group of its
  // channels: columns[position][i][j][channel]. `columns_to_image` adds to what the image holds.
  void (*image_to_columns)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t first_channel,
                           ptrdiff_t channels, const TYPE *image, TYPE *columns);
  void (*columns_to_image)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, ptrdiff_t first_channel,
                           ptrdiff_t channels, const TYPE *columns, TYPE *image);

  // Convolution of few channels without lowering, for whole images: one group, dilation_width 1 and at most 16 window
  // rows. The kernel's gradient is added to what is there. `workspace` holds, with P the elements of the padded image
  // and ^ rounding up to 32:
  // - for the convolution, P + window_height * window_width * channels * outputs^, and for one channel, if it is more,
  //   P' = padded rows * (output_width^ + window_width) + 16;
  // - for the kernel's gradient, P + positions * outputs^, or P where 16 divides outputs, and for one channel, if it is
  //   more, P' + outputs * (output_height * output_width^ + 16 * window_height * window_width);
  // - for the input's gradient,
  //   (window_height * outputs + output_width + 2 * (window_width - 1)) * (window_width * channels)^ + 16.
  void (*direct_convolution)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image, ptrdiff_t images,
                             const TYPE *input, const TYPE *kernel, TYPE *output, TYPE *workspace);
  void (*direct_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                 ptrdiff_t images, const TYPE *input, const TYPE *output_gradient,
                                 TYPE *kernel_gradient, TYPE *workspace);
  void (*direct_input_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                ptrdiff_t images, const TYPE *output_gradient, const TYPE *kernel,
                                TYPE *input_gradient, TYPE *workspace);

  // Convolution of few channels with windows of 5 rows by Winograd's filtering along the height: one group, stride_height 1
  // and dilation 1. `workspace` holds, with P, R and ^ as above, R the columns that windows reach times channels:
  // - for the convolution, 6 * (window_width * channels + output_width) * outputs^ + 7 R + P;
  // - for the kernel's gradient, with H = (output_height + 1) / 2 pairs of rows,
  //   (6 * window_width * channels + (6 H + 2) * output_width) * outputs^ + (6 H + 1) R + P.
  void (*row_winograd_convolution)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                   ptrdiff_t images, const TYPE *input, const TYPE *kernel, TYPE *output,
                                   TYPE *workspace);
  void (*row_winograd_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                       ptrdiff_t images, const TYPE *input, const TYPE *output_gradient,
                                       TYPE *kernel_gradient, TYPE *workspace);

  // Convolution of few channels with images interleaved: `interleaved_images` of them, one a lane of the vectors, are a block
  // [height, width, channels, images]. One group, stride and dilation 1; `is_filtered`, along the height by Winograd's
  // filtering of 5 rows at a time, needs windows of 5 rows. The kernel's gradient is added to what is there. `workspace` holds,
  // with n images a block, K = 9 * window_width * channels * outputs + n, T = (output_height + 4) / 5 tiles of rows,
  // Y = output_width * outputs * n, P and R as above, but both times n, and n elements more than:
  // - for the convolution, P; filtered, K + 9 Y + 10 R + outputs * n + P;
  // - for the kernel's gradient, window_height * window_width * channels * outputs * n + P; filtered,
  //   K + window_width * channels * outputs * n + 6 T * output_width * n + (9 T + 1) R + Y + P;
  // - for the input's gradient, output_height * (output_width + 2) * outputs * n; filtered,
  //   K + 2 Y + 2 * outputs * n + 18 * width * channels * n.
  ptrdiff_t interleaved_images;
  void (*interleave)(ptrdiff_t count, const TYPE *images, TYPE *block);
  void (*separate)(ptrdiff_t count, const TYPE *block, TYPE *images);
  void (*interleaved_convolution)(const ridgeline_window *window, int is_filtered, ptrdiff_t outputs,
                                  ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input, const TYPE *kernel,
                                  TYPE *output, TYPE *workspace);
  void (*interleaved_kernel_gradient)(const ridgeline_window *window, int is_filtered, ptrdiff_t outputs,
                                      ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input,
                                      const TYPE *output_gradient, TYPE *kernel_gradient, TYPE *workspace);
  // The unfiltered kernel's gradient by rows of a block's output gradients, row 0 before the others, since it pads the block
  // in `workspace`: added to sums there, or with `is_first` overwriting them; `add_interleaved_sums` adds them to a gradient
  // of `count` elements.
  void (*interleaved_kernel_gradient_rows)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_row,
                                           ptrdiff_t rows, int is_first, const TYPE *block, const TYPE *row_gradients,
                                           TYPE *workspace);
  void (*add_interleaved_sums)(ptrdiff_t count, TYPE *workspace, TYPE *kernel_gradient);
  void (*interleaved_input_gradient)(const ridgeline_window *window, int is_filtered, ptrdiff_t outputs,
                                     ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *output_gradient,
                                     const TYPE *kernel, TYPE *input_gradient, TYPE *workspace);
  // out[r] = sum over d of matrix[r * depth + d] times the `interleaved_images` elements in[d].
  void (*interleaved_product)(ptrdiff_t rows, ptrdiff_t depth, const TYPE *matrix, const TYPE *in, TYPE *out);

  // The transforms of Winograd's filtering with square windows of 3 or 5 and stride 1, F(4x4, 3x3) and F(3x3, 5x5): values
  // at 36 or 49 points, `plane` elements from point to point, of tiles of 4x4 or 3x3 outputs counted row by row through each
  // mosaic of images, as [point][tile][channel], of `columns` of the channels, or of a kernel's elements, which stand
  // `taps` apart from tap to tap. `tile_points` and `tile_kernel_points` are the operands whose products, summed over the
  // channels, `tile_outputs` turns into outputs. The second are a matrix in panels: of `depth` rows, of which `rows` from
  // first_row on are written. A turned kernel is read from its last tap, and its element (row, column) goes to (column,
  // first_column + row) of `columns` rows; first_column is a multiple of 16. `tile_gradient_points` of some `columns` of
  // the `outputs` channels, a matrix in panels of `depth` rows, of which a tile each from first_row on are written, are the
  // operand that, multiplied by `tile_points` and summed over the tiles, `tile_kernel_gradient` turns into a kernel's
  // elements.
  void (*tile_points)(const ridgeline_window *window, const ridgeline_mosaic *mosaic, ptrdiff_t columns, ptrdiff_t first_tile,
                      ptrdiff_t tiles, const TYPE *input, TYPE *points, ptrdiff_t plane);
  void (*tile_kernel_points)(ptrdiff_t window, ptrdiff_t rows, ptrdiff_t columns, const TYPE *kernel, ptrdiff_t pitch,
                             ptrdiff_t taps, TYPE *points, ptrdiff_t first_row, ptrdiff_t depth, ptrdiff_t plane);
  void (*tile_turned_kernel_points)(ptrdiff_t window, ptrdiff_t rows, ptrdiff_t columns, const TYPE *kernel,
                                    ptrdiff_t pitch, ptrdiff_t taps, TYPE *points, ptrdiff_t first_column,
                                    ptrdiff_t points_columns, ptrdiff_t plane);
  void (*tile_outputs)(const ridgeline_window *window, const ridgeline_mosaic *mosaic, ptrdiff_t outputs, ptrdiff_t columns,
                       ptrdiff_t first_tile, ptrdiff_t tiles, const TYPE *points, ptrdiff_t plane, TYPE *output);
  void (*tile_gradient_points)(const ridgeline_window *window, const ridgeline_mosaic *mosaic, ptrdiff_t outputs,
                               ptrdiff_t columns, ptrdiff_t first_tile, ptrdiff_t tiles, const TYPE *output_gradient,
                               TYPE *points, ptrdiff_t first_row, ptrdiff_t depth, ptrdiff_t plane);
  void (*tile_kernel_gradient)(ptrdiff_t window, ptrdiff_t count, const TYPE *points, ptrdiff_t plane,
                               TYPE *kernel_gradient, ptrdiff_t taps);

  // Products of matrices that are read in their own order, C = beta C + alpha A B; with beta 0, C is not read. In the first two
  // A's element (r, d) is a[r * row_pitch + d * depth_pitch], and B's rows are `b_pitch` apart: `streamed_product` is for one
  // large matrix, `cached_product` for small ones. `dotted_product` has the rows of A and the columns of B, `a_pitch` and
  // `b_pitch` apart, as contiguous elements. So many rows `following` those of B, or of W below, belong to the same matrix and
  // are what the calling thread will likely need next: nearly all of them are fetched on the way. Others may be another thread's,
  // which would have to take them back.
  void (*streamed_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a, ptrdiff_t row_pitch,
                           ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch,
                           ptrdiff_t following);
  void (*cached_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a, ptrdiff_t row_pitch,
                         ptrdiff_t depth_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch);
  // C = A B, or C += A B unless `is_first`, of at least one row of B, where B lies in panels of `panel_columns` columns:
  // one panel after the other, of each the rows one after the other, those of the last filled up to whole vectors with what
  // does not matter. With `lost`, which has the shape of C, what rounding takes from the additions to C is made up for.
  ptrdiff_t panel_columns;
  void (*panel_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, const TYPE *a, ptrdiff_t row_pitch,
                        ptrdiff_t depth_pitch, const TYPE *panels, int is_first, TYPE *c, TYPE *lost, ptrdiff_t c_pitch);
  void (*dotted_product)(ptrdiff_t rows, ptrdiff_t columns, ptrdiff_t depth, TYPE alpha, const TYPE *a,
                         ptrdiff_t a_pitch, const TYPE *b, ptrdiff_t b_pitch, TYPE beta, TYPE *c, ptrdiff_t c_pitch);
  // The way back through a dense layer under a small batch, in one pass over its weights: dx = g W^T with the weights that were
  // there, and W += alpha x^T g; or where there is a velocity V, which has W's pitch, V = momentum V + alpha x^T g + decay W and
  // W += step V. The batch has `rows` rows, W is inputs x outputs. Where dx is null W is updated alone.
  void (*backward_product)(ptrdiff_t rows, ptrdiff_t inputs, ptrdiff_t outputs, const TYPE *g, ptrdiff_t g_pitch, TYPE alpha,
                           const TYPE *x, ptrdiff_t x_pitch, TYPE *w, ptrdiff_t w_pitch, TYPE *velocity, TYPE momentum,
                           TYPE decay, TYPE step, TYPE *dx, ptrdiff_t dx_pitch, ptrdiff_t following);

  // Pooling. Forward kernels make the output rows first_row ..< first_row + rows, counted through all images; gradients
  // overwrite the gradients of the images first_image ..< first_image + images. `scratch` holds width * channels
  // elements. Each output of `average_pooling` is the sum times `scale`, or over the window's inputs inside the image
  // the mean times `scale` if `counts_inside`.
  void (*max_pooling)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, const TYPE *input,
                      TYPE *output, TYPE *scratch);
  // The places of each output's first largest input: its number in the window, row by row, in a byte, or in four where a
  // window has more than 255 elements; all ones where it sees nothing but padding. `image_pitch` bytes lie from an image's
  // places to the next one's. By them, max pooling's gradient, and the elements of another image that stand there.
  void (*max_pooling_places)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, const TYPE *input,
                             uint8_t *places, ptrdiff_t image_pitch);
  void (*max_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                               const uint8_t *places, ptrdiff_t image_pitch, const TYPE *output_gradient,
                               TYPE *input_gradient);
  void (*max_pooling_gather)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                             const uint8_t *places, ptrdiff_t image_pitch, const TYPE *other, TYPE *output);
  void (*average_pooling)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, TYPE scale,
                          int counts_inside, const TYPE *input, TYPE *output, TYPE *scratch);
  void (*average_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images, TYPE scale,
                                   int counts_inside, const TYPE *output_gradient, TYPE *input_gradient, TYPE *scratch);

  // Local response normalization of pixels, s[c] = bias + scale * (x[c - before]^2 + ... + x[c + after]^2) and
  // y[c] = x[c] * s[c]^-exponent, and its gradient. `scratch` holds four rows of channels + before + after elements, each
  // filled up to a multiple of 32.
  void (*response_normalization)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale, TYPE bias,
                                 TYPE exponent, const TYPE *x, TYPE *y, TYPE *scratch);
  void (*response_normalization_gradient)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale, TYPE bias,
                                          TYPE exponent, const TYPE *x, const TYPE *dy, TYPE *dx, TYPE *scratch);

  // Reductions over x[rows][stride], of which `columns` are read in a row. The order of a sum depends on the shape only.
  void (*sum_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out);
  void (*max_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out);
  void (*sum_columns)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out, int accumulate);
  void (*add_compensated)(ptrdiff_t count, const TYPE *x, TYPE *sums, TYPE *lost);
  void (*max_columns)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, ptrdiff_t stride, TYPE *out, int accumulate);
  TYPE (*dot)(ptrdiff_t count, const TYPE *a, const TYPE *b);
  TYPE (*sum_of_squares)(ptrdiff_t count, const TYPE *x);

  // Softmax over the columns of contiguous rows.
  void (*softmax_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, TYPE *out);
  void (*log_softmax_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *x, TYPE *out);
  void (*softmax_cross_entropy_rows)(ptrdiff_t rows, ptrdiff_t columns, const TYPE *logits, const TYPE *labels,
                                     TYPE *losses);

  // Makes multiply-adds on registers alone, for measuring the processor: `rounds` of as many vectors as hide their latency.
  // Their number is returned, and a sum of their results in `out`.
  ptrdiff_t (*register_multiply_adds)(ptrdiff_t rounds, TYPE *out);

  // Random numbers: draw i depends on key and counter + i only.
  void (*philox_uniform)(uint64_t key, uint64_t counter, ptrdiff_t count, TYPE *out);
  void (*dropout)(uint64_t key, uint64_t counter, ptrdiff_t count, double rate, TYPE scale, const TYPE *x, TYPE *out);
} TABLE;
