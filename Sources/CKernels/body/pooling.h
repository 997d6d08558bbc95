// What pooling kernels share. Maxima and sums are separable: the rows of a window are combined first, over the whole
// width and all channels at once (which fills the vectors however few the channels are), then its columns.

/// The rows i of the window at output row `row` that lie in the image: first ..< last.
static inline void NAME(window_rows)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t *first, ptrdiff_t *last) {
  NAME(valid_taps)(row * w->stride_height - w->padding_top, w->dilation_height, w->window_height, w->height, first,
                   last);
}

static inline void NAME(window_columns)(const ridgeline_window *w, ptrdiff_t column, ptrdiff_t *first,
                                        ptrdiff_t *last) {
  NAME(valid_taps)(column * w->stride_width - w->padding_left, w->dilation_width, w->window_width, w->width, first,
                   last);
}

/// The image row that row i of the window at output row `row` sees.
static inline ptrdiff_t NAME(window_row)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t i) {
  return row * w->stride_height + i * w->dilation_height - w->padding_top;
}

static inline ptrdiff_t NAME(window_column)(const ridgeline_window *w, ptrdiff_t column, ptrdiff_t j) {
  return column * w->stride_width + j * w->dilation_width - w->padding_left;
}

/// Consecutive output positions of a row whose windows keep the same columns inside the image.
typedef struct NAME(column_run) {
  ptrdiff_t count, taps, from;  // positions, columns inside, and the first column that the first window sees
} NAME(column_run);

static NAME(column_run) NAME(column_run_at)(const ridgeline_window *w, ptrdiff_t column) {
  ptrdiff_t first, last, next_first, next_last, end = column + 1;
  NAME(window_columns)(w, column, &first, &last);
  for (; end < w->output_width; end++) {
    NAME(window_columns)(w, end, &next_first, &next_last);
    if (next_first != first || next_last != last) break;
  }
  return (NAME(column_run)){end - column, last - first, NAME(window_column)(w, column, first)};
}
