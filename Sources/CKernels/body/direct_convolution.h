// Convolutions with few channels, without a matrix of patches: the vectors run over output channels (or over a row of the
// kernel, for the input's gradient).
// Needs one group, dense rows of the window (dilation_width 1) and a window of at most 16 rows.

/// Bytes of a band of gradients that is read several times.
enum { NAME(gradient_bytes) = 1 << 16 };

/// Where `padded_image` leaves the image with its padding: the image itself where the window never leaves it, else `buffer`.
static const TYPE *NAME(padded_place)(const ridgeline_window *w, const TYPE *image, const TYPE *buffer, ptrdiff_t *pitch) {
  const ptrdiff_t rows = NAME(reached_rows)(w), columns = NAME(reached_columns)(w);
  const int is_inside = w->padding_top == 0 && w->padding_left == 0 && rows <= w->height && columns <= w->width;
  *pitch = (is_inside ? w->width : columns) * w->channels;
  return is_inside ? image : buffer;
}

/// The image with its padding: the image itself where the window never leaves it, else a copy in `buffer`.
static const TYPE *NAME(padded_image)(const ridgeline_window *w, const TYPE *image, TYPE *buffer, ptrdiff_t *pitch) {
  const TYPE *place = NAME(padded_place)(w, image, buffer, pitch);
  if (place == image) return image;
  const ptrdiff_t rows = NAME(reached_rows)(w), columns = NAME(reached_columns)(w);
  const ptrdiff_t left = ridgeline_smaller(w->padding_left, columns);
  const ptrdiff_t inside = ridgeline_larger(0, ridgeline_smaller(w->width, columns - left));
  for (ptrdiff_t row = 0; row < rows; row++) {
    TYPE *to = buffer + row * *pitch;
    const ptrdiff_t y = row - w->padding_top;
    const ptrdiff_t first = left * w->channels, count = y < 0 || y >= w->height ? 0 : inside * w->channels;
    for (ptrdiff_t k = 0; k < first; k++) to[k] = 0;
    if (count > 0) memcpy(to + first, image + y * w->width * w->channels, (size_t)count * sizeof(TYPE));
    for (ptrdiff_t k = first + count; k < *pitch; k++) to[k] = 0;
  }
  return buffer;
}

static void NAME(direct_convolution)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                     ptrdiff_t images, const TYPE *input, const TYPE *kernel, TYPE *output,
                                     TYPE *workspace) {
  if (NAME(is_single_channel)(window, outputs)) {
    NAME(single_channel_convolution)(window, outputs, first_image, images, input, kernel, output, workspace);
    return;
  }
  const ridgeline_window w = *window;
  const ptrdiff_t length = w.window_width * w.channels, patch = w.window_height * length;
  const ptrdiff_t lanes_out = NAME(whole_vectors)(outputs);
  const TYPE *weights = kernel;
  if (lanes_out != outputs) {
    // The kernel with its output channels filled up to whole vectors.
    for (ptrdiff_t k = 0; k < patch; k++) {
      NAME(copy_short)(outputs, kernel + k * outputs, workspace + k * lanes_out);
      for (ptrdiff_t o = outputs; o < lanes_out; o++) workspace[k * lanes_out + o] = 0;
    }
    weights = workspace;
  }
  TYPE sums[RIDGELINE_REGISTER_BLOCK * NAME(width)];
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&w, input + image * w.height * w.width * w.channels,
                                       workspace + patch * lanes_out, &pitch);
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      TYPE *out = output + (image * w.output_height + row) * w.output_width * outputs;
      for (ptrdiff_t first = 0; first < lanes_out; first += 2 * NAME(width)) {
        ptrdiff_t vectors = ridgeline_smaller(2, (lanes_out - first) / NAME(width));
        ptrdiff_t blocks = NAME(blocks_of)(w.output_width, RIDGELINE_REGISTER_BLOCK / vectors);
        size_t stored = (size_t)ridgeline_smaller(vectors * NAME(width), outputs - first) * sizeof(TYPE);
        for (ptrdiff_t block = 0; block < blocks; block++) {
          ptrdiff_t column = block * w.output_width / blocks, end = (block + 1) * w.output_width / blocks;
          // Whole vectors go straight to the output.
          TYPE *to = lanes_out == outputs ? out + column * outputs + first : sums;
          ptrdiff_t to_pitch = lanes_out == outputs ? outputs : vectors * NAME(width);
          NAME(patches)(end - column, vectors, w.window_height, length, w.dilation_height * pitch,
                        x + row * w.stride_height * pitch + column * w.stride_width * w.channels,
                        w.stride_width * w.channels, weights + first, length * lanes_out, lanes_out, to, to_pitch);
          if (to != sums) continue;
          for (ptrdiff_t p = 0; column < end; column++, p++) {
            memcpy(out + column * outputs + first, sums + p * to_pitch, stored);
          }
        }
      }
    }
  }
}

/// Adds the gradient of some rows of an image to `kernel_gradient`.
static void NAME(add_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t lanes_out,
                                      ptrdiff_t pitch, const TYPE *x, const TYPE *gradient, TYPE *kernel_gradient) {
  const ridgeline_window w = *window;
  const ptrdiff_t length = w.window_width * w.channels;
  TYPE sums[RIDGELINE_REGISTER_BLOCK * NAME(width)];
  for (ptrdiff_t first = 0; first < lanes_out; first += 2 * NAME(width)) {
    // A pixel that is multiplied by two vectors is loaded half as often.
    const ptrdiff_t vectors = ridgeline_smaller(2, (lanes_out - first) / NAME(width));
    const ptrdiff_t lanes = vectors * NAME(width), stored = ridgeline_smaller(lanes, outputs - first);
    const ptrdiff_t blocks = NAME(blocks_of)(length, RIDGELINE_REGISTER_BLOCK / vectors);
    for (ptrdiff_t block = 0; block < blocks; block++) {
      ptrdiff_t begin = block * length / blocks, taps = (block + 1) * length / blocks - begin;
      ptrdiff_t together = 2 * taps * vectors <= RIDGELINE_REGISTER_BLOCK ? 2 : 1;
      for (ptrdiff_t i = 0; i < w.window_height; i += together) {
        ptrdiff_t rows = ridgeline_smaller(together, w.window_height - i);
        NAME(taps)(rows, taps, vectors, &w, pitch, x + i * w.dilation_height * pitch + begin, gradient + first,
                   lanes_out, sums);
        for (ptrdiff_t k = 0; k < rows * taps; k++) {
          TYPE *restrict to = kernel_gradient + ((i + k / taps) * length + begin + k % taps) * outputs + first;
          for (ptrdiff_t o = 0; o < stored; o++) to[o] += sums[k * lanes + o];
        }
      }
    }
  }
}

/// Adds the gradients of some images to `kernel_gradient`.
static void NAME(direct_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                         ptrdiff_t images, const TYPE *input, const TYPE *output_gradient,
                                         TYPE *kernel_gradient, TYPE *workspace) {
  if (NAME(is_single_channel)(window, outputs)) {
    NAME(single_channel_kernel_gradient)(window, outputs, first_image, images, input, output_gradient, kernel_gradient,
                                         workspace);
    return;
  }
  const ridgeline_window w = *window;
  const ptrdiff_t positions = w.output_height * w.output_width, lanes_out = NAME(whole_vectors)(outputs);
  // Where whole vectors of output channels are read in place, the workspace holds the padded image alone.
  TYPE *padded = workspace + (lanes_out != outputs ? positions * lanes_out : 0);
  // The outputs' gradients are read once for each block of sums, so a band of them that stays in the cache comes at a time.
  const ptrdiff_t bytes = positions * lanes_out * (ptrdiff_t)sizeof(TYPE);
  const ptrdiff_t bands = ridgeline_smaller(NAME(blocks_of)(bytes, NAME(gradient_bytes)), w.output_height);
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    const TYPE *gradient = output_gradient + image * positions * outputs;
    if (lanes_out != outputs) {
      // Output channels filled up to whole vectors.
      for (ptrdiff_t p = 0; p < positions; p++) {
        NAME(copy_short)(outputs, gradient + p * outputs, workspace + p * lanes_out);
        for (ptrdiff_t o = outputs; o < lanes_out; o++) workspace[p * lanes_out + o] = 0;
      }
      gradient = workspace;
    }
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&w, input + image * w.height * w.width * w.channels, padded, &pitch);
    for (ptrdiff_t band = 0; band < bands; band++) {
      const ptrdiff_t row = band * w.output_height / bands;
      ridgeline_window rows = w;
      rows.output_height = (band + 1) * w.output_height / bands - row;
      NAME(add_kernel_gradient)
      (&rows, outputs, lanes_out, pitch, x + row * w.stride_height * pitch, gradient + row * w.output_width * lanes_out,
       kernel_gradient);
    }
  }
}

/// Whether row i of the window at some output row lies on row y of the padded image.
static inline int NAME(reaches)(const ridgeline_window *w, ptrdiff_t y, ptrdiff_t i) {
  const ptrdiff_t reach = y - i * w->dilation_height;
  if (reach < 0 || reach >= w->output_height * w->stride_height) return 0;
  // A division takes as long as ten multiply-adds.
  return w->stride_height == 1 || reach % w->stride_height == 0;
}

/// The last output column whose window may reach column x of the image.
static inline ptrdiff_t NAME(last_column)(const ridgeline_window *w, ptrdiff_t x) {
  return ridgeline_smaller((x + w->padding_left) / w->stride_width, w->output_width - 1);
}

/// The gradient of a row of pixels: for each, the sum over the output columns p and window columns j that meet there of
/// sums[p * sums_pitch + j * channels ...].
static void NAME(gather_pixels)(const ridgeline_window *w, const TYPE *sums, ptrdiff_t sums_pitch, TYPE *to) {
  const ptrdiff_t wide = NAME(wide_pixels)(w->width, w->channels);
  // From one output column to the one before, and to the next window column that meets the pixel.
  const ptrdiff_t step = w->stride_width * w->channels - sums_pitch;
#define GATHER_PIXEL(n)                                                                                    \
  {                                                                                                        \
    typedef TYPE piece __attribute__((ext_vector_type(n)));                                                \
    const TYPE *from = sums + last * sums_pitch + first * w->channels + c;                                 \
    piece sum = 0, next;                                                                                   \
    for (ptrdiff_t p = last, j = first; p >= 0 && j < w->window_width; p--, j += w->stride_width, from += step) { \
      memcpy(&next, from, sizeof next);                                                                    \
      sum += next;                                                                                         \
    }                                                                                                      \
    memcpy(to + x * w->channels + c, &sum, sizeof sum);                                                    \
  }
  // The last output column that reaches a pixel, and the window column with which it does.
#define FOR_PIXELS(x, start, end)                                                                          \
  for (ptrdiff_t x = (start), last = NAME(last_column)(w, x), first = x + w->padding_left - last * w->stride_width; \
       x < (end); x++, first++, first == w->stride_width && last + 1 < w->output_width ? (last++, first = 0) : 0)
#define GATHER(n) FOR_PIXELS(x, 0, wide) GATHER_PIXEL(n)
  FOR_WIDE_PIECES(GATHER, w->channels);
  FOR_PIXELS(x, wide, w->width) FOR_PIECES(GATHER_PIXEL, w->channels);
#undef FOR_PIXELS
#undef GATHER
#undef GATHER_PIXEL
}

/// Whether every pixel of a row lies under as many window columns, those of empty output columns counted.
static inline int NAME(has_dense_columns)(const ridgeline_window *w) {
  return w->stride_width == 1 && w->width + w->padding_left < w->output_width + w->window_width;
}

/// `gather_pixels` where all pixels lie under `taps` window columns: sums holds taps - 1 columns of zeros on both sides.
static inline __attribute__((always_inline)) void NAME(gather_dense_pixels_of)(
    const ptrdiff_t taps, const ridgeline_window *w, const TYPE *sums, ptrdiff_t sums_pitch, TYPE *to) {
  const ptrdiff_t wide = NAME(wide_pixels)(w->width, w->channels), step = w->channels - sums_pitch;
  sums += w->padding_left * sums_pitch;
#define GATHER_PIXEL(n)                                           \
  {                                                               \
    typedef TYPE piece __attribute__((ext_vector_type(n)));       \
    const TYPE *from = sums + x * sums_pitch + c;                 \
    piece sum, next;                                              \
    memcpy(&sum, from, sizeof sum);                               \
    for (ptrdiff_t j = 1; j < taps; j++) {                        \
      memcpy(&next, from + j * step, sizeof next);                \
      sum += next;                                                \
    }                                                             \
    memcpy(to + x * w->channels + c, &sum, sizeof sum);           \
  }
#define GATHER(n) for (ptrdiff_t x = 0; x < wide; x++) GATHER_PIXEL(n)
  FOR_WIDE_PIECES(GATHER, w->channels);
  for (ptrdiff_t x = wide; x < w->width; x++) FOR_PIECES(GATHER_PIXEL, w->channels);
#undef GATHER
#undef GATHER_PIXEL
}

static void NAME(gather_dense_pixels)(const ridgeline_window *w, const TYPE *sums, ptrdiff_t sums_pitch, TYPE *to) {
  // A loop of a known length has no branch to be guessed wrong.
  switch (w->window_width) {
    case 3: NAME(gather_dense_pixels_of)(3, w, sums, sums_pitch, to); return;
    case 5: NAME(gather_dense_pixels_of)(5, w, sums, sums_pitch, to); return;
    default: NAME(gather_dense_pixels_of)(w->window_width, w, sums, sums_pitch, to);
  }
}

/// Overwrites the gradients of some images, a row at a time: all window rows that reach it are summed in registers, then
/// the window columns that meet at a pixel.
static void NAME(direct_input_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                        ptrdiff_t images, const TYPE *output_gradient, const TYPE *kernel,
                                        TYPE *input_gradient, TYPE *workspace) {
  const ridgeline_window w = *window;
  const ptrdiff_t length = w.window_width * w.channels, lanes_in = NAME(whole_vectors)(length);
  // The kernel as [window row, output channel, element of the row], rows filled up to whole vectors.
  for (ptrdiff_t i = 0; i < w.window_height; i++) {
    TYPE *to = workspace + i * outputs * lanes_in;
    NAME(transpose)(length, outputs, kernel + i * length * outputs, outputs, to, lanes_in);
    for (ptrdiff_t o = 0; o < outputs; o++) {
      for (ptrdiff_t j = length; j < lanes_in; j++) to[o * lanes_in + j] = 0;
    }
  }
  const int is_dense = NAME(has_dense_columns)(&w);
  const ptrdiff_t side = is_dense ? (w.window_width - 1) * lanes_in : 0, sums_count = w.output_width * lanes_in;
  TYPE *sums = workspace + w.window_height * outputs * lanes_in + side;
  for (ptrdiff_t k = 0; k < side; k++) sums[k - side] = sums[sums_count + k] = 0;
  const ptrdiff_t pitch = w.output_width * outputs;
  for (ptrdiff_t row = first_image * w.height; row < (first_image + images) * w.height; row++) {
    const ptrdiff_t image = row / w.height, y = row % w.height + w.padding_top;
    // The window rows first, first + step, ... (count of them) reach this row, from output rows that go up.
    ptrdiff_t first = 0, step = 1, count = 0;
    while (first < w.window_height && !NAME(reaches)(&w, y, first)) first++;
    while (first + step < w.window_height && !NAME(reaches)(&w, y, first + step)) step++;
    while (first + count * step < w.window_height && NAME(reaches)(&w, y, first + count * step)) count++;
    const ptrdiff_t output_row = (y - first * w.dilation_height) / w.stride_height;
    const TYPE *g = output_gradient + (image * w.output_height + (count > 0 ? output_row : 0)) * pitch;
    for (ptrdiff_t lane = 0; lane < lanes_in; lane += 2 * NAME(width)) {
      ptrdiff_t vectors = ridgeline_smaller(2, (lanes_in - lane) / NAME(width));
      ptrdiff_t blocks = NAME(blocks_of)(w.output_width, RIDGELINE_REGISTER_BLOCK / vectors);
      for (ptrdiff_t block = 0; block < blocks; block++) {
        ptrdiff_t column = block * w.output_width / blocks, end = (block + 1) * w.output_width / blocks;
        NAME(patches)(end - column, vectors, count, outputs, -(step * w.dilation_height / w.stride_height) * pitch,
                      g + column * outputs, outputs, workspace + first * outputs * lanes_in + lane,
                      step * outputs * lanes_in, lanes_in, sums + column * lanes_in + lane, lanes_in);
      }
    }
    if (is_dense) {
      NAME(gather_dense_pixels)(&w, sums, lanes_in, input_gradient + row * w.width * w.channels);
    } else {
      NAME(gather_pixels)(&w, sums, lanes_in, input_gradient + row * w.width * w.channels);
    }
  }
}
