// Convolutions with few channels, without a matrix of patches: the vectors run over output channels (or over a row of the
// kernel, for the input's gradient).
// Needs one group, dense rows of the window (dilation_width 1) and a window of at most 16 rows.

/// The image with its padding: the image itself where the window never leaves it, else a copy in `buffer`.
static const TYPE *NAME(padded_image)(const ridgeline_window *w, const TYPE *image, TYPE *buffer, ptrdiff_t *pitch) {
  const ptrdiff_t rows = NAME(reached_rows)(w), columns = NAME(reached_columns)(w);
  *pitch = w->width * w->channels;
  if (w->padding_top == 0 && w->padding_left == 0 && rows <= w->height && columns <= w->width) return image;
  *pitch = columns * w->channels;
  const ptrdiff_t left = ridgeline_smaller(w->padding_left, columns);
  const ptrdiff_t inside = ridgeline_larger(0, ridgeline_smaller(w->width, columns - left));
  for (ptrdiff_t row = 0; row < rows; row++) {
    TYPE *to = buffer + row * *pitch;
    ptrdiff_t y = row - w->padding_top;
    for (ptrdiff_t k = 0; k < *pitch; k++) to[k] = 0;
    if (y < 0 || y >= w->height) continue;
    memcpy(to + left * w->channels, image + y * w->width * w->channels, (size_t)(inside * w->channels) * sizeof(TYPE));
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
  // The kernel with its output channels filled up to whole vectors.
  for (ptrdiff_t k = 0; k < patch; k++) {
    memcpy(workspace + k * lanes_out, kernel + k * outputs, (size_t)outputs * sizeof(TYPE));
    for (ptrdiff_t o = outputs; o < lanes_out; o++) workspace[k * lanes_out + o] = 0;
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
          NAME(patches)(end - column, vectors, w.window_height, length, w.dilation_height * pitch,
                        x + row * w.stride_height * pitch + column * w.stride_width * w.channels,
                        w.stride_width * w.channels, workspace + first, lanes_out, sums);
          for (ptrdiff_t p = 0; column < end; column++, p++) {
            memcpy(out + column * outputs + first, sums + p * vectors * NAME(width), stored);
          }
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
  const ptrdiff_t length = w.window_width * w.channels, positions = w.output_height * w.output_width;
  const ptrdiff_t lanes_out = NAME(whole_vectors)(outputs), blocks = NAME(blocks_of)(length, RIDGELINE_REGISTER_BLOCK);
  TYPE sums[RIDGELINE_REGISTER_BLOCK * NAME(width)];
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
    const TYPE *x = NAME(padded_image)(&w, input + image * w.height * w.width * w.channels,
                                       workspace + positions * lanes_out, &pitch);
    for (ptrdiff_t first = 0; first < lanes_out; first += NAME(width)) {
      ptrdiff_t stored = ridgeline_smaller(NAME(width), outputs - first);
      for (ptrdiff_t block = 0; block < blocks; block++) {
        ptrdiff_t begin = block * length / blocks, taps = (block + 1) * length / blocks - begin;
        ptrdiff_t together = 2 * taps <= RIDGELINE_REGISTER_BLOCK ? 2 : 1;
        for (ptrdiff_t i = 0; i < w.window_height; i += together) {
          ptrdiff_t rows = ridgeline_smaller(together, w.window_height - i);
          NAME(taps)(rows, taps, &w, pitch, x + i * w.dilation_height * pitch + begin, gradient + first, lanes_out,
                     sums);
          for (ptrdiff_t k = 0; k < rows * taps; k++) {
            TYPE *restrict to = kernel_gradient + ((i + k / taps) * length + begin + k % taps) * outputs + first;
            for (ptrdiff_t o = 0; o < stored; o++) to[o] += sums[k * NAME(width) + o];
          }
        }
      }
    }
  }
}

/// to[i] += from[i], in pieces of fixed sizes: no lane beyond the count is touched, and no loop runs over single ones.
static inline void NAME(add_short)(ptrdiff_t count, const TYPE *from, TYPE *to) {
  for (; count >= NAME(width); count -= NAME(width), from += NAME(width), to += NAME(width)) {
    NAME(store)(to, NAME(load)(to) + NAME(load)(from));
  }
#define ADD(n)                                             \
  if (NAME(width) > n && (count & n)) {                    \
    for (int i = 0; i < n; i++) to[i] += from[i];          \
    from += n;                                             \
    to += n;                                               \
  }
  ADD(8)
  ADD(4)
  ADD(2)
  ADD(1)
#undef ADD
}

/// Overwrites the gradients of some images.
static void NAME(direct_input_gradient)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                        ptrdiff_t images, const TYPE *output_gradient, const TYPE *kernel,
                                        TYPE *input_gradient, TYPE *workspace) {
  const ridgeline_window w = *window;
  const ptrdiff_t length = w.window_width * w.channels, lanes_in = NAME(whole_vectors)(length);
  // The kernel as [window row, output channel, element of the row], rows filled up to whole vectors.
  for (ptrdiff_t i = 0; i < w.window_height; i++) {
    for (ptrdiff_t o = 0; o < outputs; o++) {
      TYPE *to = workspace + (i * outputs + o) * lanes_in;
      for (ptrdiff_t j = 0; j < length; j++) to[j] = kernel[(i * length + j) * outputs + o];
      for (ptrdiff_t j = length; j < lanes_in; j++) to[j] = 0;
    }
  }
  TYPE *sum = workspace + w.window_height * outputs * lanes_in;
  const ptrdiff_t pitch = ridgeline_larger(NAME(reached_columns)(&w), w.padding_left + w.width) * w.channels;
  const ptrdiff_t rows = ridgeline_larger(NAME(reached_rows)(&w), w.padding_top + w.height);
  TYPE sums[16][RIDGELINE_REGISTER_BLOCK * NAME(width)];
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    for (ptrdiff_t k = 0; k < rows * pitch; k++) sum[k] = 0;
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      const TYPE *g = output_gradient + (image * w.output_height + row) * w.output_width * outputs;
      for (ptrdiff_t first = 0; first < lanes_in; first += 2 * NAME(width)) {
        ptrdiff_t vectors = ridgeline_smaller(2, (lanes_in - first) / NAME(width));
        ptrdiff_t blocks = NAME(blocks_of)(w.output_width, RIDGELINE_REGISTER_BLOCK / vectors);
        ptrdiff_t stored = ridgeline_smaller(vectors * NAME(width), length - first);
        for (ptrdiff_t block = 0; block < blocks; block++) {
          ptrdiff_t column = block * w.output_width / blocks, end = (block + 1) * w.output_width / blocks;
          for (ptrdiff_t i = 0; i < w.window_height; i++) {
            NAME(patches)(end - column, vectors, 1, outputs, 0, g + column * outputs, outputs,
                          workspace + i * outputs * lanes_in + first, lanes_in, sums[i]);
          }
          // Neighbouring pixels overlap: all rows of one come before the next, so that no load waits for the last store.
          for (ptrdiff_t p = 0; column < end; column++, p++) {
            TYPE *to = sum + row * w.stride_height * pitch + column * w.stride_width * w.channels + first;
            for (ptrdiff_t i = 0; i < w.window_height; i++, to += w.dilation_height * pitch) {
              NAME(add_short)(stored, sums[i] + p * vectors * NAME(width), to);
            }
          }
        }
      }
    }
    for (ptrdiff_t y = 0; y < w.height; y++) {
      memcpy(input_gradient + (image * w.height + y) * w.width * w.channels,
             sum + (y + w.padding_top) * pitch + w.padding_left * w.channels,
             (size_t)(w.width * w.channels) * sizeof(TYPE));
    }
  }
}
