// Max pooling's gradient by places: for each output the number of the window's element, counted row by row, that is its first
// largest one. A byte a window is kept, and neither the image nor its maxima have to be looked at again.

/// The place of a window that sees nothing but padding.
enum { NAME(nowhere) = 255 };

/// Vectors of n values, of positions as wide, and of bytes.
#define PLACE_TYPES(n)                                             \
  typedef TYPE values __attribute__((ext_vector_type(n)));         \
  typedef NAME(position) positions __attribute__((ext_vector_type(n))); \
  typedef uint8_t bytes __attribute__((ext_vector_type(n)));

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
                                     const TYPE *input, uint8_t *places, ptrdiff_t image_pitch) {
  const ridgeline_window w = *window;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    const ptrdiff_t number = index / w.output_height, row = index % w.output_height;
    const TYPE *image = input + number * w.height * w.width * w.channels;
    uint8_t *out = places + number * image_pitch + row * w.output_width * w.channels;
    for (ptrdiff_t column = 0; column < w.output_width; column++, out += w.channels) {
      const NAME(seen) s = NAME(seen_at)(&w, row, column);
      if (s.first_row == s.last_row || s.first_column == s.last_column) {
        memset(out, NAME(nowhere), (size_t)w.channels);
        continue;
      }
#define FIND_PLACE(n)                                                                                   \
  {                                                                                                     \
    PLACE_TYPES(n)                                                                                      \
    values x, best;                                                                                     \
    positions found = (positions)((NAME(position))(s.first_row * w.window_width + s.first_column));     \
    memcpy(&best, image + NAME(seen_pixel)(&w, row, column, s.first_row, s.first_column) + c, sizeof best); \
    for (ptrdiff_t i = s.first_row; i < s.last_row; i++) {                                              \
      for (ptrdiff_t j = s.first_column; j < s.last_column; j++) {                                      \
        memcpy(&x, image + NAME(seen_pixel)(&w, row, column, i, j) + c, sizeof x);                      \
        /* Larger, or a NaN, unless the best is a NaN already. */                                       \
        positions better = ~(x <= best) & (best == best);                                               \
        best = better ? x : best;                                                                       \
        found = better ? (positions)((NAME(position))(i * w.window_width + j)) : found;                 \
      }                                                                                                 \
    }                                                                                                   \
    bytes small = __builtin_convertvector(found, bytes);                                                \
    memcpy(out + c, &small, n);                                                                         \
  }
      FOR_PIECES(FIND_PLACE, w.channels);
#undef FIND_PLACE
    }
  }
}

static void NAME(max_pooling_scatter)(const ridgeline_window *window, ptrdiff_t first_image, ptrdiff_t images,
                                      const uint8_t *places, ptrdiff_t image_pitch, const TYPE *output_gradient,
                                      TYPE *input_gradient) {
  const ridgeline_window w = *window;
  const ptrdiff_t size = w.height * w.width * w.channels;
  // Windows that tile the image write each of its elements once, so that nothing has to be zero before.
  const int is_tiling = NAME(is_disjoint)(&w) && w.output_height * w.window_height == w.height &&
                        w.output_width * w.window_width == w.width;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    TYPE *gradient = input_gradient + image * size;
    if (!is_tiling) memset(gradient, 0, (size_t)size * sizeof(TYPE));
    const TYPE *from = output_gradient + image * w.output_height * w.output_width * w.channels;
    const uint8_t *place = places + image * image_pitch;
    for (ptrdiff_t row = 0; row < w.output_height; row++) {
      for (ptrdiff_t column = 0; column < w.output_width; column++, from += w.channels, place += w.channels) {
        const NAME(seen) s = NAME(seen_at)(&w, row, column);
#define SCATTER(n)                                                                                       \
  {                                                                                                      \
    PLACE_TYPES(n)                                                                                       \
    values g;                                                                                            \
    bytes small;                                                                                         \
    memcpy(&g, from + c, sizeof g);                                                                      \
    memcpy(&small, place + c, n);                                                                        \
    const positions found = __builtin_convertvector(small, positions);                                   \
    for (ptrdiff_t i = s.first_row; i < s.last_row; i++) {                                               \
      for (ptrdiff_t j = s.first_column; j < s.last_column; j++) {                                       \
        TYPE *to = gradient + NAME(seen_pixel)(&w, row, column, i, j) + c;                               \
        values share = found == (positions)((NAME(position))(i * w.window_width + j)) ? g : (values)(0); \
        if (!is_tiling) {                                                                                \
          values old;                                                                                    \
          memcpy(&old, to, sizeof old);                                                                  \
          share += old;                                                                                  \
        }                                                                                                \
        memcpy(to, &share, sizeof share);                                                                \
      }                                                                                                  \
    }                                                                                                    \
  }
        FOR_PIECES(SCATTER, w.channels);
#undef SCATTER
      }
    }
  }
}

static void NAME(max_pooling_take)(const ridgeline_window *window, ptrdiff_t first_row, ptrdiff_t rows,
                                   const uint8_t *places, ptrdiff_t image_pitch, const TYPE *other, TYPE *output) {
  const ridgeline_window w = *window;
  for (ptrdiff_t index = first_row; index < first_row + rows; index++) {
    const ptrdiff_t number = index / w.output_height, row = index % w.output_height;
    const TYPE *image = other + number * w.height * w.width * w.channels;
    const uint8_t *place = places + number * image_pitch + row * w.output_width * w.channels;
    TYPE *out = output + index * w.output_width * w.channels;
    for (ptrdiff_t column = 0; column < w.output_width; column++, out += w.channels, place += w.channels) {
      for (ptrdiff_t c = 0; c < w.channels; c++) {
        const ptrdiff_t i = place[c] / w.window_width, j = place[c] % w.window_width;
        out[c] = place[c] == NAME(nowhere) ? 0 : image[NAME(seen_pixel)(&w, row, column, i, j) + c];
      }
    }
  }
}

#undef PLACE_TYPES
