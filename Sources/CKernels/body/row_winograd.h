// Convolutions with windows of 5 rows and few channels by Winograd's minimal filtering along the height, F(2, 5): two output
// rows cost 6 rows of multiply-adds instead of 10 (Winograd, "Arithmetic Complexity of Computations", SIAM 1980; Lavin and
// Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016). Rows are transformed as wholes, so nothing is
// shuffled, and each of the 6 products is a direct convolution with windows of one row.
// Needs one group, stride_height 1, dilation 1 and window_height 5.
//
// With the points 0, +-P, +-Q and infinity, y = A'[(G g) * (B'd)] for 5 kernel rows g, 6 input rows d and 2 output rows y.

/// B'd: the 6 input rows, `row[i]` each of `count` elements, at the 6 points, `plane` apart.
static void NAME(transform_input_rows)(ptrdiff_t count, const TYPE *const *row, TYPE *restrict to, ptrdiff_t plane) {
  const TYPE *d0 = row[0], *d1 = row[1], *d2 = row[2], *d3 = row[3], *d4 = row[4], *d5 = row[5];
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    TYPE even_p = FMA(-WINOGRAD_Q2, d2[k], d4[k]), odd_p = WINOGRAD_P * FMA(-WINOGRAD_Q2, d1[k], d3[k]);
    TYPE even_q = FMA(-WINOGRAD_P2, d2[k], d4[k]), odd_q = WINOGRAD_Q * FMA(-WINOGRAD_P2, d1[k], d3[k]);
    to[k] = FMA(WINOGRAD_P2 * WINOGRAD_Q2, d0[k], FMA(-(WINOGRAD_P2 + WINOGRAD_Q2), d2[k], d4[k]));
    to[plane + k] = even_p + odd_p;
    to[2 * plane + k] = even_p - odd_p;
    to[3 * plane + k] = even_q + odd_q;
    to[4 * plane + k] = even_q - odd_q;
    to[5 * plane + k] = FMA(WINOGRAD_P2 * WINOGRAD_Q2, d1[k], FMA(-(WINOGRAD_P2 + WINOGRAD_Q2), d3[k], d5[k]));
  }
}

/// G g: the 5 kernel rows, `pitch` apart, at the 6 points, `plane` apart.
static void NAME(transform_kernel_rows)(ptrdiff_t count, const TYPE *g, ptrdiff_t pitch, TYPE *restrict to,
                                        ptrdiff_t plane) {
  const TYPE scale_p = 1 / (2 * WINOGRAD_P2 * (WINOGRAD_P2 - WINOGRAD_Q2)), scale_q = 1 / (2 * WINOGRAD_Q2 * (WINOGRAD_Q2 - WINOGRAD_P2));
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    TYPE g0 = g[k], g1 = g[pitch + k], g2 = g[2 * pitch + k], g3 = g[3 * pitch + k], g4 = g[4 * pitch + k];
    TYPE even_p = FMA(WINOGRAD_P2, FMA(WINOGRAD_P2, g4, g2), g0), odd_p = WINOGRAD_P * FMA(WINOGRAD_P2, g3, g1);
    TYPE even_q = FMA(WINOGRAD_Q2, FMA(WINOGRAD_Q2, g4, g2), g0), odd_q = WINOGRAD_Q * FMA(WINOGRAD_Q2, g3, g1);
    to[k] = g0 / (WINOGRAD_P2 * WINOGRAD_Q2);
    to[plane + k] = scale_p * (even_p + odd_p);
    to[2 * plane + k] = scale_p * (even_p - odd_p);
    to[3 * plane + k] = scale_q * (even_q + odd_q);
    to[4 * plane + k] = scale_q * (even_q - odd_q);
    to[5 * plane + k] = g4;
  }
}

/// A'm: the products at the 6 points, `plane` apart, as two output rows; the second is left out where it is NULL.
static void NAME(transform_output_rows)(ptrdiff_t count, const TYPE *m, ptrdiff_t plane, TYPE *restrict first,
                                        TYPE *restrict second) {
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    first[k] = m[k] + ((m[plane + k] + m[2 * plane + k]) + (m[3 * plane + k] + m[4 * plane + k]));
  }
  if (!second) return;
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    second[k] = FMA(WINOGRAD_P, m[plane + k] - m[2 * plane + k],
                    FMA(WINOGRAD_Q, m[3 * plane + k] - m[4 * plane + k], m[5 * plane + k]));
  }
}

/// A y, the transpose: two rows of output gradients at the 6 points; the second counts as zeros where it is NULL.
static void NAME(transform_gradient_rows)(ptrdiff_t count, const TYPE *first, const TYPE *second, TYPE *restrict to,
                                          ptrdiff_t plane) {
  if (!second) {
    for (ptrdiff_t point = 0; point < 5; point++) memcpy(to + point * plane, first, (size_t)count * sizeof(TYPE));
    for (ptrdiff_t k = 0; k < count; k++) to[5 * plane + k] = 0;
    return;
  }
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    to[k] = first[k];
    to[plane + k] = FMA(WINOGRAD_P, second[k], first[k]);
    to[2 * plane + k] = FMA(-WINOGRAD_P, second[k], first[k]);
    to[3 * plane + k] = FMA(WINOGRAD_Q, second[k], first[k]);
    to[4 * plane + k] = FMA(-WINOGRAD_Q, second[k], first[k]);
    to[5 * plane + k] = second[k];
  }
}

/// Adds G'u, the transpose: the gradients at the 6 points, `plane` apart, as 5 kernel rows, `pitch` apart.
static void NAME(add_kernel_rows)(ptrdiff_t count, const TYPE *u, ptrdiff_t plane, TYPE *restrict g, ptrdiff_t pitch) {
  const TYPE scale_p = 1 / (2 * WINOGRAD_P2 * (WINOGRAD_P2 - WINOGRAD_Q2)), scale_q = 1 / (2 * WINOGRAD_Q2 * (WINOGRAD_Q2 - WINOGRAD_P2));
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    TYPE even_p = scale_p * (u[plane + k] + u[2 * plane + k]), odd_p = scale_p * (u[plane + k] - u[2 * plane + k]);
    TYPE even_q = scale_q * (u[3 * plane + k] + u[4 * plane + k]);
    TYPE odd_q = scale_q * (u[3 * plane + k] - u[4 * plane + k]);
    g[k] += u[k] / (WINOGRAD_P2 * WINOGRAD_Q2) + (even_p + even_q);
    g[pitch + k] += FMA(WINOGRAD_P, odd_p, WINOGRAD_Q * odd_q);
    g[2 * pitch + k] += FMA(WINOGRAD_P2, even_p, WINOGRAD_Q2 * even_q);
    g[3 * pitch + k] += FMA(WINOGRAD_P2 * WINOGRAD_P, odd_p, WINOGRAD_Q2 * WINOGRAD_Q * odd_q);
    g[4 * pitch + k] += FMA(WINOGRAD_P2 * WINOGRAD_P2, even_p, FMA(WINOGRAD_Q2 * WINOGRAD_Q2, even_q, u[5 * plane + k]));
  }
}

/// The 6 input rows of a pair of output rows; `zeros` stands for a row that only the second output row would read, if
/// there is none.
static inline void NAME(input_rows)(const ridgeline_window *w, const TYPE *x, ptrdiff_t pitch, ptrdiff_t first,
                                    const TYPE *zeros, const TYPE **row) {
  for (ptrdiff_t i = 0; i < WINOGRAD_POINTS; i++) row[i] = x + (first + i) * pitch;
  if (first + 1 == w->output_height) row[WINOGRAD_POINTS - 1] = zeros;
}

static void NAME(row_winograd_convolution)(const ridgeline_window *window, ptrdiff_t outputs, ptrdiff_t first_image,
                                           ptrdiff_t images, const TYPE *input, const TYPE *kernel, TYPE *output,
                                           TYPE *workspace) {
  const ridgeline_window w = *window;
  const ptrdiff_t length = w.window_width * w.channels, lanes_out = NAME(whole_vectors)(outputs);
  const ptrdiff_t weights_plane = length * lanes_out, row_sums = w.output_width * lanes_out;
  const ptrdiff_t columns = NAME(reached_columns)(&w) * w.channels;
  TYPE *weights = workspace, *sums = weights + WINOGRAD_POINTS * weights_plane, *points = sums + WINOGRAD_POINTS * row_sums;
  TYPE *zeros = points + WINOGRAD_POINTS * columns, *padded = zeros + columns;
  for (ptrdiff_t k = 0; k < length; k++) {
    TYPE *to = weights + k * lanes_out;
    NAME(transform_kernel_rows)(outputs, kernel + k * outputs, length * outputs, to, weights_plane);
    for (ptrdiff_t point = 0; point < WINOGRAD_POINTS; point++) {
      for (ptrdiff_t o = outputs; o < lanes_out; o++) to[point * weights_plane + o] = 0;
    }
  }
  for (ptrdiff_t k = 0; k < columns; k++) zeros[k] = 0;
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&w, input + image * w.height * w.width * w.channels, padded, &pitch);
    for (ptrdiff_t row = 0; row < w.output_height; row += 2) {
      const TYPE *rows[WINOGRAD_POINTS];
      NAME(input_rows)(&w, x, pitch, row, zeros, rows);
      NAME(transform_input_rows)(columns, rows, points, columns);
      for (ptrdiff_t first = 0; first < lanes_out; first += 2 * NAME(width)) {
        ptrdiff_t vectors = ridgeline_smaller(2, (lanes_out - first) / NAME(width));
        ptrdiff_t blocks = NAME(blocks_of)(w.output_width, RIDGELINE_REGISTER_BLOCK / vectors);
        for (ptrdiff_t point = 0; point < WINOGRAD_POINTS; point++) {
          for (ptrdiff_t block = 0; block < blocks; block++) {
            ptrdiff_t column = block * w.output_width / blocks, end = (block + 1) * w.output_width / blocks;
            NAME(patches)(end - column, vectors, 1, length, 0,
                          points + point * columns + column * w.stride_width * w.channels,
                          w.stride_width * w.channels, weights + point * weights_plane + first, 0, lanes_out,
                          sums + point * row_sums + column * lanes_out + first, lanes_out);
          }
        }
      }
      TYPE *out = output + (image * w.output_height + row) * w.output_width * outputs;
      const int is_pair = row + 1 < w.output_height;
      if (lanes_out == outputs) {
        NAME(transform_output_rows)(row_sums, sums, row_sums, out, is_pair ? out + row_sums : NULL);
      } else {
        // The channels that fill the vectors are left behind.
        NAME(transform_output_rows)(row_sums, sums, row_sums, sums, is_pair ? sums + row_sums : NULL);
        for (ptrdiff_t p = 0; p < (is_pair ? 2 : 1) * w.output_width; p++) {
          NAME(copy_short)(outputs, sums + p * lanes_out, out + p * outputs);
        }
      }
    }
  }
}

/// Adds the gradients of some images to `kernel_gradient`.
static void NAME(row_winograd_kernel_gradient)(const ridgeline_window *window, ptrdiff_t outputs,
                                               ptrdiff_t first_image, ptrdiff_t images, const TYPE *input,
                                               const TYPE *output_gradient, TYPE *kernel_gradient, TYPE *workspace) {
  const ridgeline_window w = *window;
  const ptrdiff_t length = w.window_width * w.channels, lanes_out = NAME(whole_vectors)(outputs);
  const ptrdiff_t pairs = (w.output_height + 1) / 2, row_sums = w.output_width * lanes_out;
  const ptrdiff_t columns = NAME(reached_columns)(&w) * w.channels, sums_plane = length * lanes_out;
  TYPE *sums = workspace, *gradients = sums + WINOGRAD_POINTS * sums_plane;
  TYPE *points = gradients + WINOGRAD_POINTS * pairs * row_sums, *zeros = points + WINOGRAD_POINTS * pairs * columns;
  TYPE *filled = zeros + columns, *padded = filled + 2 * row_sums;
  // The pairs of rows as the rows of an image of their own, with a window of one row.
  ridgeline_window of_pairs = w;
  of_pairs.output_height = pairs;
  for (ptrdiff_t k = 0; k < WINOGRAD_POINTS * sums_plane; k++) sums[k] = 0;
  for (ptrdiff_t k = 0; k < columns; k++) zeros[k] = 0;
  for (ptrdiff_t k = 0; k < 2 * row_sums; k++) filled[k] = 0;
  TYPE block_sums[RIDGELINE_REGISTER_BLOCK * NAME(width)];
  for (ptrdiff_t image = first_image; image < first_image + images; image++) {
    ptrdiff_t pitch;
    const TYPE *x = NAME(padded_image)(&w, input + image * w.height * w.width * w.channels, padded, &pitch);
    for (ptrdiff_t pair = 0; pair < pairs; pair++) {
      const TYPE *rows[WINOGRAD_POINTS];
      NAME(input_rows)(&w, x, pitch, 2 * pair, zeros, rows);
      NAME(transform_input_rows)(columns, rows, points + pair * columns, pairs * columns);
      const TYPE *gradient = output_gradient + (image * w.output_height + 2 * pair) * w.output_width * outputs;
      const int is_pair = 2 * pair + 1 < w.output_height;
      if (lanes_out != outputs) {
        for (ptrdiff_t p = 0; p < (is_pair ? 2 : 1) * w.output_width; p++) {
          NAME(copy_short)(outputs, gradient + p * outputs, filled + p * lanes_out);
        }
        gradient = filled;
      }
      NAME(transform_gradient_rows)(row_sums, gradient, is_pair ? gradient + row_sums : NULL,
                                    gradients + pair * row_sums, pairs * row_sums);
    }
    for (ptrdiff_t point = 0; point < WINOGRAD_POINTS; point++) {
      for (ptrdiff_t first = 0; first < lanes_out; first += 2 * NAME(width)) {
        const ptrdiff_t vectors = ridgeline_smaller(2, (lanes_out - first) / NAME(width));
        const ptrdiff_t lanes = vectors * NAME(width);
        const ptrdiff_t blocks = NAME(blocks_of)(length, RIDGELINE_REGISTER_BLOCK / vectors);
        for (ptrdiff_t block = 0; block < blocks; block++) {
          ptrdiff_t begin = block * length / blocks, taps = (block + 1) * length / blocks - begin;
          NAME(taps)(1, taps, vectors, &of_pairs, columns, points + point * pairs * columns + begin,
                     gradients + point * pairs * row_sums + first, lanes_out, block_sums);
          TYPE *to = sums + point * sums_plane + begin * lanes_out + first;
          for (ptrdiff_t k = 0; k < taps; k++, to += lanes_out) {
            for (ptrdiff_t v = 0; v < lanes; v += NAME(width)) {
              NAME(store)(to + v, NAME(load)(to + v) + NAME(load)(block_sums + k * lanes + v));
            }
          }
        }
      }
    }
  }
  for (ptrdiff_t k = 0; k < length; k++) {
    NAME(add_kernel_rows)(outputs, sums + k * lanes_out, sums_plane, kernel_gradient + k * outputs, length * outputs);
  }
}
