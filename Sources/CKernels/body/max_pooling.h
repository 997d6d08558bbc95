// Max pooling, the places of the maxima, and by them its gradient and the gathering that is the gradient's transpose. A NaN
// counts as the largest.

/// For each position of a run, out[c] = the largest of row[tap][c], or -infinity for no tap.
static __attribute__((noinline)) void NAME(largest_of_columns)(const ridgeline_window *w, NAME(column_run) run,
                                                               const TYPE *row, TYPE *out) {
  const ptrdiff_t tap = w->dilation_width * w->channels, step = w->stride_width * w->channels;
#define LARGEST(n)                                                                            \
  {                                                                                           \
    const TYPE *x = row + run.from * w->channels + c;                                         \
    TYPE *to = out + c;                                                                       \
    for (ptrdiff_t p = 0; p < run.count; p++, x += step, to += w->channels) {                 \
      TYPE best[n];                                                                           \
      for (int i = 0; i < n; i++) best[i] = -INFINITY;                                        \
      for (ptrdiff_t j = 0; j < run.taps; j++) {                                              \
        for (int i = 0; i < n; i++) best[i] = NAME(larger)(best[i], x[j * tap + i]);          \
      }                                                                                       \
      for (int i = 0; i < n; i++) to[i] = best[i];                                            \
    }                                                                                         \
  }
  FOR_PIECES(LARGEST, w->channels);
#undef LARGEST
}

static void NAME(max_pooling)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows, const TYPE *input,
                              TYPE *output, TYPE *restrict scratch) {
  const ridgeline_window w = *window;
  const ptrdiff_t width = w.width * w.channels;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    ptrdiff_t image = index / w.output_height, row = index % w.output_height, first, last;
    NAME(window_rows)(&w, row, &first, &last);
    for (ptrdiff_t k = 0; k < width; k++) scratch[k] = -INFINITY;
    for (ptrdiff_t i = first; i < last; i++) {
      const TYPE *x = input + (image * w.height + NAME(window_row)(&w, row, i)) * width;
      for (ptrdiff_t k = 0; k < width; k++) scratch[k] = NAME(larger)(scratch[k], x[k]);
    }
    NAME(column_run) run;
    for (ptrdiff_t column = 0; column < w.output_width; column += run.count) {
      run = NAME(column_run_at)(&w, column);
      NAME(largest_of_columns)(&w, run, scratch, output + (index * w.output_width + column) * w.channels);
    }
  }
}

/// A place: the number of a window's element, counted row by row. As wide as an element, so that comparisons of vectors of
/// elements select places; in memory a byte, or four where a window has more than 255 elements.
typedef __typeof__(((NAME(vector))(0) > (NAME(vector))(0))[0]) NAME(place);

/// Vectors of n values, of places as wide, and of places as they are kept.
#define PLACE_TYPES(n)                                          \
  typedef TYPE values __attribute__((ext_vector_type(n)));      \
  typedef NAME(place) places __attribute__((ext_vector_type(n))); \
  typedef uint8_t bytes __attribute__((ext_vector_type(n)));    \
  typedef int32_t words __attribute__((ext_vector_type(n)));

static inline ptrdiff_t NAME(place_bytes)(const ridgeline_window *w) {
  return w->window_height * w->window_width <= 255 ? 1 : 4;
}

/// The elements of the window at (row, column) that lie in the image.
typedef struct NAME(seen) {
  ptrdiff_t first_row, last_row, first_column, last_column;
} NAME(seen);

static inline NAME(seen) NAME(seen_at)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t column) {
  NAME(seen) s;
  NAME(window_rows)(w, row, &s.first_row, &s.last_row);
  NAME(window_columns)(w, column, &s.first_column, &s.last_column);
  return s;
}

/// Where element (i, j) of the window at (row, column) stands in its image.
static inline ptrdiff_t NAME(seen_pixel)(const ridgeline_window *w, ptrdiff_t row, ptrdiff_t column, ptrdiff_t i,
                                         ptrdiff_t j) {
  return (NAME(window_row)(w, row, i) * w->width + NAME(window_column)(w, column, j)) * w->channels;
}

static void NAME(max_pooling_places)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                                     const TYPE *input, uint8_t *kept, ptrdiff_t image_pitch) {
  const ridgeline_window w = *window;
  const ptrdiff_t size = NAME(place_bytes)(&w);
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    const ptrdiff_t number = index / w.output_height, row = index % w.output_height;
    const TYPE *image = input + number * w.height * w.width * w.channels;
    uint8_t *out = kept + number * image_pitch + row * w.output_width * w.channels * size;
    for (ptrdiff_t column = 0; column < w.output_width; column++, out += w.channels * size) {
      const NAME(seen) s = NAME(seen_at)(&w, row, column);
      if (s.first_row == s.last_row || s.first_column == s.last_column) {
        // The window sees nothing but padding: a place that it does not have.
        memset(out, 255, (size_t)(w.channels * size));
        continue;
      }
#define FIND_PLACE(n)                                                                                       \
  {                                                                                                         \
    PLACE_TYPES(n)                                                                                          \
    values x, best;                                                                                         \
    places found = (places)((NAME(place))(s.first_row * w.window_width + s.first_column));                  \
    memcpy(&best, image + NAME(seen_pixel)(&w, row, column, s.first_row, s.first_column) + c, sizeof best); \
    for (ptrdiff_t i = s.first_row; i < s.last_row; i++) {                                                  \
      for (ptrdiff_t j = s.first_column; j < s.last_column; j++) {                                          \
        memcpy(&x, image + NAME(seen_pixel)(&w, row, column, i, j) + c, sizeof x);                          \
        /* Larger, or a NaN, unless the best is a NaN already. */                                           \
        places better = ~(x <= best) & (best == best);                                                      \
        best = better ? x : best;                                                                           \
        found = better ? (places)((NAME(place))(i * w.window_width + j)) : found;                           \
      }                                                                                                     \
    }                                                                                                       \
    if (size == 1) {                                                                                        \
      bytes small = __builtin_convertvector(found, bytes);                                                  \
      memcpy(out + c, &small, n);                                                                           \
    } else {                                                                                                \
      words large = __builtin_convertvector(found, words);                                                  \
      memcpy(out + c * 4, &large, n * 4);                                                                   \
    }                                                                                                       \
  }
      FOR_PIECES(FIND_PLACE, w.channels);
#undef FIND_PLACE
    }
  }
}

static void NAME(max_pooling_gradient)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                                       const uint8_t *kept, ptrdiff_t image_pitch, const TYPE *output_gradient,
                                       TYPE *input_gradient) {
  const ridgeline_window w = *window;
  const ptrdiff_t area = w.height * w.width * w.channels, size = NAME(place_bytes)(&w);
  // Windows that tile the image write each of its elements once, so that nothing has to be zero before.
  const int is_tiling = NAME(is_disjoint)(&w) && w.output_height * w.window_height == w.height &&
                        w.output_width * w.window_width == w.width;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *gradient = input_gradient + image * area;
    if (!is_tiling) memset(gradient, 0, (size_t)area * sizeof(TYPE));
    const TYPE *from = output_gradient + image * w.output_height * w.output_width * w.channels;
    const uint8_t *place = kept + image * image_pitch;
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      for (ptrdiff_t column = 0; column < w.output_width; column++, from += w.channels, place += w.channels * size) {
        const NAME(seen) s = NAME(seen_at)(&w, row, column);
#define SCATTER(n)                                                                                 \
  {                                                                                                \
    PLACE_TYPES(n)                                                                                 \
    values g;                                                                                      \
    places found;                                                                                  \
    memcpy(&g, from + c, sizeof g);                                                                \
    if (size == 1) {                                                                               \
      bytes small;                                                                                 \
      memcpy(&small, place + c, n);                                                                \
      found = __builtin_convertvector(small, places);                                              \
    } else {                                                                                       \
      words large;                                                                                 \
      memcpy(&large, place + c * 4, n * 4);                                                        \
      found = __builtin_convertvector(large, places);                                              \
    }                                                                                              \
    for (ptrdiff_t i = s.first_row; i < s.last_row; i++) {                                         \
      for (ptrdiff_t j = s.first_column; j < s.last_column; j++) {                                 \
        TYPE *to = gradient + NAME(seen_pixel)(&w, row, column, i, j) + c;                         \
        values share = found == (places)((NAME(place))(i * w.window_width + j)) ? g : (values)(0); \
        if (!is_tiling) {                                                                          \
          values old;                                                                              \
          memcpy(&old, to, sizeof old);                                                            \
          share += old;                                                                            \
        }                                                                                          \
        memcpy(to, &share, sizeof share);                                                          \
      }                                                                                            \
    }                                                                                              \
  }
        FOR_PIECES(SCATTER, w.channels);
#undef SCATTER
      }
    }
  }
}
#undef PLACE_TYPES

static void NAME(max_pooling_gather)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                                     const uint8_t *kept, ptrdiff_t image_pitch, const TYPE *other, TYPE *output) {
  const ridgeline_window w = *window;
  const ptrdiff_t size = NAME(place_bytes)(&w), elements = w.window_height * w.window_width;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    const ptrdiff_t number = index / w.output_height, row = index % w.output_height;
    const TYPE *image = other + number * w.height * w.width * w.channels;
    const uint8_t *from = kept + number * image_pitch + row * w.output_width * w.channels * size;
    TYPE *out = output + index * w.output_width * w.channels;
    for (ptrdiff_t column = 0; column < w.output_width; column++, out += w.channels, from += w.channels * size) {
      for (ptrdiff_t c = 0; c < w.channels; c++) {
        int32_t place = from[c];
        if (size == 4) memcpy(&place, from + c * 4, 4);
        const ptrdiff_t i = place / w.window_width, j = place % w.window_width;
        const int is_inside = place >= 0 && place < elements;
        out[c] = is_inside ? image[NAME(seen_pixel)(&w, row, column, i, j) + c] : 0;
      }
    }
  }
}
