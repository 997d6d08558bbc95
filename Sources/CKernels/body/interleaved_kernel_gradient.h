// The kernel's gradient of convolutions of interleaved images: a sum a lane for each element of the kernel, over the lanes at
// the end. Needs what interleaved_convolution.h needs.

/// The output channels of register blocks of which fewest are needed for `all` elements of a kernel with so many.
static ptrdiff_t NAME(lane_tap_breadth)(ptrdiff_t all, ptrdiff_t outputs) {
  ptrdiff_t breadth = 1, fewest = PTRDIFF_MAX;
  for (ptrdiff_t o = NAME(lane_breadth); o >= 3; o--) {
    ptrdiff_t elements = ridgeline_smaller(NAME(lane_breadth), NAME(lane_sums) / o);
    ptrdiff_t calls = NAME(blocks_of)(outputs, o) * NAME(blocks_of)(all, elements);
    if (calls < fewest) (fewest = calls, breadth = o);
  }
  return breadth;
}

/// Adds to the sums of `segments` * `length` elements of the kernel with `outputs` channels each, or overwrites them; those of
/// an element are `sums_pitch` vectors after those of the one before.
static void NAME(lane_tap_blocks)(ptrdiff_t segments, ptrdiff_t segment_pitch, ptrdiff_t length, ptrdiff_t outputs,
                                  int is_first, const NAME(lane_field) *field, const TYPE *in, const TYPE *gradient,
                                  TYPE *sums, ptrdiff_t sums_pitch) {
  const ptrdiff_t all = segments * length, breadth = NAME(lane_tap_breadth)(all, outputs);
  const ptrdiff_t parts = NAME(blocks_of)(outputs, breadth);
  const ptrdiff_t blocks = NAME(blocks_of)(all, ridgeline_smaller(NAME(lane_breadth), NAME(lane_sums) / breadth));
  for (ptrdiff_t part = 0; part < parts; part++) {
    ptrdiff_t o = part * outputs / parts, count = (part + 1) * outputs / parts - o;
    for (ptrdiff_t block = 0; block < blocks; block++) {
      ptrdiff_t first = block * all / blocks, elements = (block + 1) * all / blocks - first;
      ptrdiff_t offsets[NAME(lane_breadth)];
      for (ptrdiff_t e = 0; e < elements; e++) {
        offsets[e] = (first + e) / length * segment_pitch + (first + e) % length * NAME(width);
      }
      NAME(lane_taps)(elements, count, is_first, field, in, offsets, gradient + o * NAME(width),
                      sums + (first * sums_pitch + o) * NAME(width), sums_pitch * NAME(width));
    }
  }
}

/// Adds what some rows of a block's output gradients add to the sums at the beginning of `workspace`, or overwrites these;
/// the first row must come before the others of its block, for it pads the block.
static void NAME(interleaved_kernel_gradient_rows)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_row,
                                                   ptrdiff_t rows, int is_first, const TYPE *block,
                                                   const TYPE *row_gradients, TYPE *workspace) {
  enum { rows_together = 2 };  // Their gradients stay in the first-level cache while all elements of the kernel pass.
  const ridgeline_window w = *window, block_window = NAME(block_window)(window);
  const ptrdiff_t length = w.window_width * w.channels, pixel = outputs * NAME(width), row_count = w.output_width * pixel;
  TYPE *sums = NAME(aligned)(workspace), *padded = sums + w.window_height * length * outputs * NAME(width);
  ptrdiff_t pitch;
  const TYPE *x = first_row == 0 ? NAME(padded_image)(&block_window, block, padded, &pitch)
                                 : NAME(padded_place)(&block_window, block, padded, &pitch);
  for (ptrdiff_t row = 0; row < rows; row += rows_together) {
    const NAME(lane_field) field = {ridgeline_smaller(rows_together, rows - row), w.output_width, pitch,
                                    block_window.channels, row_count, pixel};
    NAME(lane_tap_blocks)(w.window_height, pitch, length, outputs, is_first && row == 0, &field,
                          x + (first_row + row) * pitch, row_gradients + row * row_count, sums, outputs);
  }
}

/// Adds the sums over the lanes of `count` sums at the beginning of `workspace` to `to`.
static void NAME(add_interleaved_sums)(ptrdiff_t count, TYPE *workspace, TYPE *to) {
  NAME(add_lane_sums)(count, NAME(aligned)(workspace), to);
}

static void NAME(interleaved_direct_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs,
                                                     ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input,
                                                     const TYPE *output_gradient, TYPE *kernel_gradient,
                                                     TYPE *workspace) {
  const ptrdiff_t count = window->window_height * window->window_width * window->channels * outputs;
  const ptrdiff_t block_inputs = window->height * window->width * window->channels * NAME(width);
  const ptrdiff_t block_outputs = window->output_height * window->output_width * outputs * NAME(width);
  for (ptrdiff_t block = first_block; block < first_block + blocks; block++) {
    NAME(interleaved_kernel_gradient_rows)(window, outputs, 0, window->output_height, block == first_block,
                                           input + block * block_inputs, output_gradient + block * block_outputs,
                                           workspace);
  }
  if (blocks > 0 && window->output_height > 0) NAME(add_interleaved_sums)(count, workspace, kernel_gradient);
}

static void NAME(interleaved_filtered_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs,
                                                       ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input,
                                                       const TYPE *output_gradient, TYPE *kernel_gradient,
                                                       TYPE *workspace) {
  const ridgeline_window w = *window, block_window = NAME(block_window)(window);
  const ptrdiff_t length = w.window_width * w.channels, plane = length * outputs, pixel = outputs * NAME(width);
  const ptrdiff_t row_gradients = w.output_width * pixel, tiles = NAME(blocks_of)(w.output_height, TALL_ROWS);
  const ptrdiff_t parts = NAME(blocks_of)(outputs, NAME(lane_tap_breadth)(length, outputs));
  const ptrdiff_t columns = NAME(reached_columns)(&w) * block_window.channels, reach = NAME(reached_rows)(&w);
  TYPE *totals = workspace, *sums = totals + NAME(whole_vectors)(TALL_POINTS * plane);
  TYPE *gradients = sums + 2 * plane * NAME(width);
  // Those of a point and its negative.
  TYPE *points = gradients + 2 * tiles * w.output_width * NAME(lane_breadth) * NAME(width);
  TYPE *zeros = points + TALL_POINTS * tiles * columns, *padded = zeros + columns + row_gradients;
  for (ptrdiff_t k = 0; k < TALL_POINTS * plane; k++) totals[k] = 0;
  for (ptrdiff_t k = 0; k < columns + row_gradients; k++) zeros[k] = 0;
  for (ptrdiff_t block = first_block; block < first_block + blocks; block++) {
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&block_window, input + block * w.height * w.width * block_window.channels, padded,
                                       &pitch);
    for (ptrdiff_t tile = 0; tile < tiles; tile++) {
      const TYPE *rows[TALL_POINTS];
      for (ptrdiff_t i = 0; i < TALL_POINTS; i++) {
        const ptrdiff_t row = tile * TALL_ROWS + i;
        rows[i] = row < reach ? x + row * pitch : zeros;
      }
      NAME(tall_input_rows)(columns, rows, points + tile * columns, tiles * columns);
    }
    for (ptrdiff_t pair = 0; pair < TALL_POINTS; pair += 2) {
      const ptrdiff_t signs = ridgeline_smaller(2, TALL_POINTS - pair);
      // Few output channels at a time, so that their gradients at the points stay in the first-level cache.
      for (ptrdiff_t part = 0; part < parts; part++) {
        const ptrdiff_t o = part * outputs / parts, count = (part + 1) * outputs / parts - o;
        const ptrdiff_t lanes = count * NAME(width), row_lanes = w.output_width * lanes;
        for (ptrdiff_t tile = 0; tile < tiles; tile++) {
          const TYPE *from[TALL_ROWS];
          for (ptrdiff_t i = 0; i < TALL_ROWS; i++) {
            const ptrdiff_t row = tile * TALL_ROWS + i;
            from[i] = row < w.output_height
                          ? output_gradient + (block * w.output_height + row) * row_gradients + o * NAME(width)
                          : zeros;
          }
          NAME(tall_gradient_rows)
          (pair, w.output_width, lanes, pixel, from, gradients + tile * row_lanes, tiles * row_lanes);
        }
        const NAME(lane_field) field = {tiles, w.output_width, columns, block_window.channels, row_lanes, lanes};
        for (ptrdiff_t sign = 0; sign < signs; sign++) {
          NAME(lane_tap_blocks)(1, 0, length, count, 1, &field, points + (pair + sign) * tiles * columns,
                                gradients + sign * tiles * row_lanes, sums + (sign * plane + o) * NAME(width), outputs);
        }
      }
      NAME(add_lane_sums)(signs * plane, sums, totals + pair * plane);
    }
  }
  NAME(add_tall_kernel_rows)(plane, totals, plane, kernel_gradient, plane);
}

/// Adds the gradients of some blocks to `kernel_gradient`.
static void NAME(interleaved_kernel_gradient)(const ridgeline_window *window, int is_filtered, ptrdiff_t outputs,
                                              ptrdiff_t first_block, ptrdiff_t blocks, const TYPE *input,
                                              const TYPE *output_gradient, TYPE *kernel_gradient, TYPE *workspace) {
  workspace = NAME(aligned)(workspace);
  if (is_filtered) {
    NAME(interleaved_filtered_kernel_gradient)(window, outputs, first_block, blocks, input, output_gradient,
                                               kernel_gradient, workspace);
  } else {
    NAME(interleaved_direct_kernel_gradient)(window, outputs, first_block, blocks, input, output_gradient,
                                             kernel_gradient, workspace);
  }
}

/// block[element][image] = image[element], for `width` images of `count` elements; and back.
static void NAME(interleave)(ptrdiff_t count, const TYPE *images, TYPE *block) {
  NAME(transpose)(NAME(width), count, images, count, block, NAME(width));
}

static void NAME(separate)(ptrdiff_t count, const TYPE *block, TYPE *images) {
  NAME(transpose)(count, NAME(width), block, NAME(width), images, count);
}
