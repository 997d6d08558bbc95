// Between an image and the matrix whose rows are the patches that a convolution multiplies by its kernel.

/// The taps j of a window's row whose input column origin + j * dilation lies in 0 ..< width: first ..< last.
static inline void NAME(valid_taps)(ptrdiff_t origin, ptrdiff_t dilation, ptrdiff_t taps, ptrdiff_t width,
                                    ptrdiff_t *first, ptrdiff_t *last) {
  ptrdiff_t begin = ridgeline_larger(-origin, 0), end = ridgeline_larger(width - origin, 0);
  if (dilation != 1) {
    // Kept apart: this runs for every output position, and divisions are slow.
    begin = (begin + dilation - 1) / dilation;
    end = (end + dilation - 1) / dilation;
  }
  *last = ridgeline_smaller(end, taps);
  *first = ridgeline_smaller(begin, taps);
  if (*last < *first) *last = *first;
}

/// A copy of a run that is often shorter than a call of memcpy is worth: copies of fixed sizes become single moves.
static inline void NAME(copy_short)(ptrdiff_t count, const TYPE *source, TYPE *out) {
  if (count >= 32) {
    memcpy(out, source, (size_t)count * sizeof(TYPE));
    return;
  }
  for (; count >= 8; count -= 8, source += 8, out += 8) memcpy(out, source, 8 * sizeof(TYPE));
  if (count & 4) {
    memcpy(out, source, 4 * sizeof(TYPE));
    source += 4, out += 4;
  }
  if (count & 2) {
    memcpy(out, source, 2 * sizeof(TYPE));
    source += 2, out += 2;
  }
  if (count & 1) *out = *source;
}

static void NAME(image_to_columns)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                                   ptrdiff_t first_channel, ptrdiff_t channels, const TYPE *image, TYPE *columns) {
  const ridgeline_window w = *window;
  const ptrdiff_t segment = w.window_width * channels;
  for (ptrdiff_t row = first_row; row < first_row + rows; row++) {
    for (ptrdiff_t column = 0; column < w.output_width; column++) {
      ptrdiff_t left = column * w.stride_width - w.padding_left, first, last;
      NAME(valid_taps)(left, w.dilation_width, w.window_width, w.width, &first, &last);
      for (ptrdiff_t i = 0; i < w.window_height; i++, columns += segment) {
        ptrdiff_t y = row * w.stride_height + i * w.dilation_height - w.padding_top;
        if (y < 0 || y >= w.height || first == last) {
          for (ptrdiff_t k = 0; k < segment; k++) columns[k] = 0;
          continue;
        }
        for (ptrdiff_t k = 0; k < first * channels; k++) columns[k] = 0;
        for (ptrdiff_t k = last * channels; k < segment; k++) columns[k] = 0;
        const TYPE *source = image + (y * w.width + left + first * w.dilation_width) * w.channels + first_channel;
        if (channels == w.channels && w.dilation_width == 1) {
          NAME(copy_short)((last - first) * channels, source, columns + first * channels);
        } else {
          for (ptrdiff_t j = first; j < last; j++, source += w.dilation_width * w.channels) {
            NAME(copy_short)(channels, source, columns + j * channels);
          }
        }
      }
    }
  }
}

static void NAME(columns_to_image)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                                   ptrdiff_t first_channel, ptrdiff_t channels, const TYPE *columns, TYPE *image) {
  const ridgeline_window w = *window;
  const ptrdiff_t segment = w.window_width * channels;
  for (ptrdiff_t row = first_row; row < first_row + rows; row++) {
    for (ptrdiff_t column = 0; column < w.output_width; column++) {
      ptrdiff_t left = column * w.stride_width - w.padding_left, first, last;
      NAME(valid_taps)(left, w.dilation_width, w.window_width, w.width, &first, &last);
      for (ptrdiff_t i = 0; i < w.window_height; i++, columns += segment) {
        ptrdiff_t y = row * w.stride_height + i * w.dilation_height - w.padding_top;
        if (y < 0 || y >= w.height || first == last) continue;
        TYPE *restrict target = image + (y * w.width + left + first * w.dilation_width) * w.channels + first_channel;
        if (channels == w.channels && w.dilation_width == 1) {
          const TYPE *source = columns + first * channels;
          for (ptrdiff_t k = 0; k < (last - first) * channels; k++) target[k] += source[k];
        } else {
          for (ptrdiff_t j = first; j < last; j++, target += w.dilation_width * w.channels) {
            for (ptrdiff_t k = 0; k < channels; k++) target[k] += columns[j * channels + k];
          }
        }
      }
    }
  }
}
