// Convolutions of blocks of interleaved images, [height, width, channels, images] with `width` images a block, and the
// gradient of their input. Where it is filtered, along the height as in tall_winograd.h, whose transforms take a row of a block for
// a row of more channels.
// Needs one group, dilation 1 and stride 1; for filtering, a window of 5 rows.

/// The window over a block, a pixel of which has the channels of all images.
static inline ridgeline_window NAME(block_window)(const ridgeline_window *w) {
  ridgeline_window block = *w;
  block.channels *= NAME(width);
  return block;
}

/// `count` channels of a row of outputs, from those on that `kernel` and `to` begin with.
static void NAME(lane_row)(ptrdiff_t columns, ptrdiff_t count, const NAME(lane_walk) *walk, const TYPE *in,
                           const TYPE *kernel, TYPE *to, ptrdiff_t to_pitch) {
  const ptrdiff_t blocks = NAME(blocks_of)(columns, NAME(lane_pixels));
  for (ptrdiff_t block = 0; block < blocks; block++) {
    ptrdiff_t column = block * columns / blocks, pixels = (block + 1) * columns / blocks - column;
    NAME(lane_products)(pixels, count, walk, in + column * walk->pixel_pitch, kernel, to + column * to_pitch, to_pitch);
  }
}

static void NAME(interleaved_direct_convolution)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_block,
                                                 ptrdiff_t blocks, const TYPE *input, const TYPE *kernel, TYPE *output,
                                                 TYPE *workspace) {
  const ridgeline_window w = *window, block_window = NAME(block_window)(window);
  const ptrdiff_t length = w.window_width * w.channels, to_pitch = outputs * NAME(width);
  const ptrdiff_t parts = NAME(blocks_of)(outputs, NAME(lane_breadth));
  for (ptrdiff_t block = first_block; block < first_block + blocks; block++) {
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&block_window, input + block * w.height * w.width * block_window.channels,
                                       workspace, &pitch);
    const NAME(lane_walk) walk = {w.window_height, 1, length, pitch, 0, block_window.channels, length * outputs, 0, outputs, 1};
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      TYPE *to = output + (block * w.output_height + row) * w.output_width * to_pitch;
      for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t o = part * outputs / parts, count = (part + 1) * outputs / parts - o;
        NAME(lane_row)(w.output_width, count, &walk, x + row * pitch, kernel + o, to + o * NAME(width), to_pitch);
      }
    }
  }
}

static void NAME(interleaved_filtered_convolution)(const ridgeline_window *window, ptrdiff_t outputs,
                                                   ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input,
                                                   const TYPE *kernel, TYPE *output, TYPE *workspace) {
  const ridgeline_window w = *window, block_window = NAME(block_window)(window);
  const ptrdiff_t length = w.window_width * w.channels, plane = length * outputs, to_pitch = outputs * NAME(width);
  const ptrdiff_t row_outputs = w.output_width * to_pitch, columns = NAME(reached_columns)(&w) * block_window.channels;
  const ptrdiff_t parts = NAME(blocks_of)(outputs, NAME(lane_breadth)), reach = NAME(reached_rows)(&w);
  TYPE *weights = workspace, *sums = weights + NAME(whole_vectors)(TALL_POINTS * plane);
  TYPE *points = sums + TALL_POINTS * row_outputs, *zeros = points + TALL_POINTS * columns, *outside = zeros + columns;
  TYPE *padded = outside + to_pitch;
  const NAME(lane_walk) walk = {1, 1, length, 0, 0, block_window.channels, 0, 0, outputs, 1};
  NAME(tall_kernel_rows)(plane, kernel, plane, weights, plane);
  for (ptrdiff_t k = 0; k < columns; k++) zeros[k] = 0;
  for (ptrdiff_t block = first_block; block < first_block + blocks; block++) {
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&block_window, input + block * w.height * w.width * block_window.channels, padded,
                                       &pitch);
    for (ptrdiff_t row = 0; row < w.output_height; row += TALL_ROWS) {
      const TYPE *rows[TALL_POINTS];
      for (ptrdiff_t i = 0; i < TALL_POINTS; i++) rows[i] = row + i < reach ? x + (row + i) * pitch : zeros;
      NAME(tall_input_rows)(columns, rows, points, columns);
      TYPE *out = output + (block * w.output_height + row) * row_outputs;
      // Few output channels at a time, so that their sums at all points stay in the first-level cache.
      for (ptrdiff_t part = 0; part < parts; part++) {
        ptrdiff_t o = part * outputs / parts, count = (part + 1) * outputs / parts - o, lanes = count * NAME(width);
        for (ptrdiff_t point = 0; point < TALL_POINTS; point++) {
          NAME(lane_row)(w.output_width, count, &walk, points + point * columns, weights + point * plane + o,
                         sums + point * w.output_width * lanes, lanes);
        }
        for (ptrdiff_t column = 0; column < w.output_width; column++) {
          TYPE *to[TALL_ROWS];
          for (ptrdiff_t i = 0; i < TALL_ROWS; i++) {
            to[i] = row + i < w.output_height ? out + i * row_outputs + column * to_pitch + o * NAME(width) : outside;
          }
          NAME(tall_output_rows)(lanes, sums + column * lanes, w.output_width * lanes, to);
        }
      }
    }
  }
}

static void NAME(interleaved_convolution)(const ridgeline_window *window, int is_filtered, ptrdiff_t outputs,
                                          ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input,
                                          const TYPE *kernel, TYPE *output, TYPE *workspace) {
  workspace = NAME(aligned)(workspace);
  if (is_filtered) {
    NAME(interleaved_filtered_convolution)(window, outputs, first_block, blocks, input, kernel, output, workspace);
  } else {
    NAME(interleaved_direct_convolution)(window, outputs, first_block, blocks, input, kernel, output, workspace);
  }
}

enum {
  /// Pixels of the input's gradient made at a time: with more of them, more products would be with the zeros at the sides.
  NAME(gradient_pixels) = 2,
};

/// The gradients of a row of input pixels, or what `walk` makes of them: `gradient` is the first row of output gradients,
/// with `gradient_pixels` - 1 pixels of zeros on both sides.
static void NAME(lane_gradient_row)(const ridgeline_window *w, ptrdiff_t outputs, NAME(lane_walk) walk,
                                    const TYPE *gradient, const TYPE *kernel, TYPE *to) {
  const ptrdiff_t blocks = NAME(blocks_of)(w->width, NAME(gradient_pixels));
  const ptrdiff_t parts = NAME(blocks_of)(w->channels, NAME(lane_breadth)), to_pitch = w->channels * NAME(width);
  for (ptrdiff_t block = 0; block < blocks; block++) {
    ptrdiff_t x = block * w->width / blocks, pixels = (block + 1) * w->width / blocks - x, column = x + w->padding_left;
    // The window columns j for which an output column column - j ..< column - j + pixels exists.
    ptrdiff_t first = ridgeline_larger(0, column - w->output_width + 1);
    walk.segments = ridgeline_smaller(w->window_width, column + pixels) - first;
    for (ptrdiff_t part = 0; part < parts; part++) {
      ptrdiff_t c = part * w->channels / parts, count = (part + 1) * w->channels / parts - c;
      NAME(lane_products)(pixels, count, &walk, gradient + (column - first) * walk.pixel_pitch,
                          kernel + (first * w->channels + c) * outputs, to + x * to_pitch + c * NAME(width), to_pitch);
    }
  }
}

static void NAME(interleaved_direct_input_gradient)(const ridgeline_window *window, ptrdiff_t outputs,
                                                    ptrdiff_t first_block, ptrdiff_t blocks,
                                                    const TYPE *output_gradient, const TYPE *kernel,
                                                    TYPE *input_gradient, TYPE *workspace) {
  const ridgeline_window w = *window;
  const ptrdiff_t pixel = outputs * NAME(width), row_gradients = w.output_width * pixel;
  const ptrdiff_t side = (NAME(gradient_pixels) - 1) * pixel, pitch = row_gradients + 2 * side;
  const ptrdiff_t kernel_row = w.window_width * w.channels * outputs;
  // Output rows go down where window rows go up; both are walked from the last output row that reaches a pixel.
  NAME(lane_walk) walk = {0, 0, outputs, -pitch, -pixel, pixel, kernel_row, w.channels * outputs, 1, outputs};
  for (ptrdiff_t k = 0; k < w.output_height * pitch; k++) workspace[k] = 0;
  for (ptrdiff_t block = first_block; block < first_block + blocks; block++) {
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      memcpy(workspace + row * pitch + side, output_gradient + (block * w.output_height + row) * row_gradients,
             (size_t)row_gradients * sizeof(TYPE));
    }
    for (ptrdiff_t y = 0; y < w.height; y++) {
      ptrdiff_t row = y + w.padding_top, first = ridgeline_larger(0, row - w.output_height + 1);
      walk.rows = ridgeline_smaller(w.window_height, row + 1) - first;
      NAME(lane_gradient_row)(&w, outputs, walk, workspace + (walk.rows > 0 ? row - first : 0) * pitch + side,
                              kernel + first * kernel_row,
                              input_gradient + (block * w.height + y) * w.width * w.channels * NAME(width));
    }
  }
}

static void NAME(interleaved_filtered_input_gradient)(const ridgeline_window *window, ptrdiff_t outputs,
                                                      ptrdiff_t first_block, ptrdiff_t blocks,
                                                      const TYPE *output_gradient, const TYPE *kernel,
                                                      TYPE *input_gradient, TYPE *workspace) {
  const ridgeline_window w = *window;
  const ptrdiff_t pixel = outputs * NAME(width), row_gradients = w.output_width * pixel;
  const ptrdiff_t side = (NAME(gradient_pixels) - 1) * pixel, columns = w.width * w.channels * NAME(width);
  const ptrdiff_t plane = w.window_width * w.channels * outputs;
  TYPE *weights = workspace, *at_points = weights + NAME(whole_vectors)(TALL_POINTS * plane);
  const ptrdiff_t point_count = row_gradients + 2 * side;
  TYPE *sums = at_points + 2 * point_count, *outside = sums + TALL_POINTS * columns;
  TYPE *zeros = outside + columns;
  const ptrdiff_t zero_count = ridgeline_larger(row_gradients, columns);
  const NAME(lane_walk) walk = {1, 0, outputs, 0, -pixel, pixel, 0, w.channels * outputs, 1, outputs};
  NAME(tall_kernel_rows)(plane, kernel, plane, weights, plane);
  for (ptrdiff_t k = 0; k < 2 * point_count; k++) at_points[k] = 0;
  for (ptrdiff_t k = 0; k < zero_count; k++) zeros[k] = 0;
  for (ptrdiff_t block = first_block; block < first_block + blocks; block++) {
    const TYPE *gradient = output_gradient + block * w.output_height * row_gradients;
    TYPE *out = input_gradient + block * w.height * columns;
    for (ptrdiff_t row = 0; row < w.output_height; row += TALL_ROWS) {
      const TYPE *from[TALL_ROWS];
      for (ptrdiff_t i = 0; i < TALL_ROWS; i++) {
        from[i] = row + i < w.output_height ? gradient + (row + i) * row_gradients : zeros;
      }
      for (ptrdiff_t point = 0; point < TALL_POINTS; point++) {
        if (point % 2 == 0) NAME(tall_gradient_rows)(point, 1, row_gradients, 0, from, at_points + side, point_count);
        NAME(lane_gradient_row)
        (&w, outputs, walk, at_points + point % 2 * point_count + side, weights + point * plane, sums + point * columns);
      }
      // What falls on the padding is left outside. The rows above have reached the first rows of these, if there are any.
      TYPE *rows[TALL_POINTS];
      const TYPE *before[TALL_POINTS - TALL_ROWS];
      for (ptrdiff_t i = 0; i < TALL_POINTS; i++) {
        ptrdiff_t y = row + i - w.padding_top;
        rows[i] = y >= 0 && y < w.height ? out + y * columns : outside;
        if (i < TALL_POINTS - TALL_ROWS) before[i] = row > 0 ? rows[i] : zeros;
      }
      NAME(tall_input_gradient_rows)(columns, sums, columns, before, rows);
    }
  }
}

static void NAME(interleaved_input_gradient)(const ridgeline_window *window, int is_filtered, ptrdiff_t outputs,
                                             ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *output_gradient,
                                             const TYPE *kernel, TYPE *input_gradient, TYPE *workspace) {
  workspace = NAME(aligned)(workspace);
  if (is_filtered) {
    NAME(interleaved_filtered_input_gradient)(window, outputs, first_block, blocks, output_gradient, kernel,
                                              input_gradient, workspace);
  } else {
    NAME(interleaved_direct_input_gradient)(window, outputs, first_block, blocks, output_gradient, kernel,
                                            input_gradient, workspace);
  }
}
