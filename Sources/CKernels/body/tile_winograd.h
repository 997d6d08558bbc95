// Convolutions with square windows of 3 or 5 and stride 1 by Winograd's minimal filtering of tiles, F(4x4, 3x3) and
// F(2x2, 5x5): 36 products a tile instead of 144 or 100 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", CVPR 2016). Here stand the transforms; the products over channels between them are matrix products, one for
// each of the 36 points.
//
// Both have the interpolation points 0, +-3/4, +-3/2 and infinity of `row_winograd.h`, so that Y = A'[(G g G') * (B'd B)]A
// for a kernel g, a tile d of 6x6 inputs and m x m outputs with m = 7 - window. The gradients are the transposes: the
// kernel's is G'[(B'd B) * (A y A')]G, and the input's a convolution of y with the kernel turned round.
//
// Tiles are counted row by row through each mosaic of images (`winograd_tiles.h`); values at the points stand as
// [point][tile][channel], the planes of the points `plane` elements apart. Of the two matrices that are multiplied at each
// point, the second lies in panels.

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

/// Runs `STEP(count)` for vectors of channels from channel c on; all but the last have a count known to the compiler.
#define FOR_VECTORS(STEP, channels)                                            \
  do {                                                                         \
    ptrdiff_t c = 0;                                                           \
    for (; c + NAME(width) <= (channels); c += NAME(width)) STEP(NAME(width)); \
    if (c < (channels)) STEP((channels) - c);                                  \
  } while (0)

/// Runs `STEP(window, count)` likewise, with the window known to the compiler too.
#define FOR_WINDOW_VECTORS(STEP, window, channels)                                   \
  do {                                                                               \
    ptrdiff_t c = 0;                                                                 \
    if ((window) == 3) {                                                             \
      for (; c + NAME(width) <= (channels); c += NAME(width)) STEP(3, NAME(width));  \
      if (c < (channels)) STEP(3, (channels) - c);                                   \
    } else {                                                                         \
      for (; c + NAME(width) <= (channels); c += NAME(width)) STEP(5, NAME(width));  \
      if (c < (channels)) STEP(5, (channels) - c);                                   \
    }                                                                                \
  } while (0)

/// A tile's pixels at channels c ..< c + count, as rows of WINOGRAD_POINTS vectors; zeros outside the images.
INLINE void NAME(load_tile)(const ridgeline_tile *tile, const int side, const TYPE *images, ptrdiff_t c, ptrdiff_t count,
                            NAME(vector) *d) {
  if (tile->is_whole) {
    const TYPE *corner = images + tile->row[0] + tile->column[0] + c;
    UNROLLED for (int i = 0; i < side; i++) {
      UNROLLED for (int j = 0; j < side; j++) {
        d[i * WINOGRAD_POINTS + j] = NAME(load_some)(corner + i * tile->row_pitch + j * tile->column_pitch, count);
      }
    }
    return;
  }
  for (int i = 0; i < side; i++) {
    UNROLLED for (int j = 0; j < side; j++) {
      const ptrdiff_t row = tile->row[i], column = tile->column[j];
      d[i * WINOGRAD_POINTS + j] =
          row < 0 || column < 0 ? (NAME(vector))(0) : NAME(load_some)(images + c + row + column, count);
    }
  }
}

/// Values at the points, `plane` elements apart.
INLINE void NAME(load_points)(const TYPE *points, ptrdiff_t plane, ptrdiff_t count, NAME(vector) *m) {
  UNROLLED for (int k = 0; k < WINOGRAD_POINTS * WINOGRAD_POINTS; k++) {
    m[k] = NAME(load_some)(points + k * plane, count);
  }
}

INLINE void NAME(store_points)(const NAME(vector) *m, TYPE *points, ptrdiff_t plane, ptrdiff_t count) {
  UNROLLED for (int k = 0; k < WINOGRAD_POINTS * WINOGRAD_POINTS; k++) {
    NAME(store_some)(points + k * plane, m[k], count);
  }
}

INLINE void NAME(input_points)(const ridgeline_tile *tile, const TYPE *input, ptrdiff_t c, ptrdiff_t count, TYPE *points,
                               ptrdiff_t plane) {
  NAME(vector) d[WINOGRAD_POINTS * WINOGRAD_POINTS];
  NAME(load_tile)(tile, WINOGRAD_POINTS, input, c, count, d);
  UNROLLED for (int j = 0; j < WINOGRAD_POINTS; j++) NAME(input_line)(d + j, WINOGRAD_POINTS);
  UNROLLED for (int i = 0; i < WINOGRAD_POINTS; i++) NAME(input_line)(d + i * WINOGRAD_POINTS, 1);
  NAME(store_points)(d, points + c, plane, count);
}

/// B'dB.
static void NAME(tile_points)(const ridgeline_window *w, const ridgeline_mosaic *mosaic, ptrdiff_t columns,
                              ptrdiff_t first_tile, ptrdiff_t tiles, const TYPE *input, TYPE *points, ptrdiff_t plane) {
  for (ptrdiff_t t = 0; t < tiles; t++, points += columns) {
    const ridgeline_tile tile = ridgeline_input_tile(w, mosaic, first_tile + t);
#define STEP(count) NAME(input_points)(&tile, input, c, count, points, plane)
    FOR_VECTORS(STEP, columns);
#undef STEP
  }
}

INLINE void NAME(gradient_points)(const int window, const ridgeline_tile *tile, const TYPE *gradient, ptrdiff_t c,
                                  ptrdiff_t count, TYPE *points, ptrdiff_t plane) {
  const int side = WINOGRAD_POINTS + 1 - window;
  NAME(vector) y[WINOGRAD_POINTS * WINOGRAD_POINTS];
  NAME(load_tile)(tile, side, gradient, c, count, y);
  UNROLLED for (int j = 0; j < side; j++) NAME(gradient_line)(y + j, WINOGRAD_POINTS, window);
  UNROLLED for (int i = 0; i < WINOGRAD_POINTS; i++) NAME(gradient_line)(y + i * WINOGRAD_POINTS, 1, window);
  NAME(store_points)(y, points, plane, count);
}

/// A y A', for tiles of the output's gradient, in panels.
static void NAME(tile_gradient_points)(const ridgeline_window *w, const ridgeline_mosaic *mosaic, ptrdiff_t outputs,
                                       ptrdiff_t columns, ptrdiff_t first_tile, ptrdiff_t tiles, const TYPE *gradient,
                                       TYPE *points, ptrdiff_t first_row, ptrdiff_t depth, ptrdiff_t plane) {
  // A panel at a time, so that what is written at each point is contiguous.
  for (ptrdiff_t first = 0; first < columns; first += NAME(panel_columns)) {
    const ptrdiff_t pitch = NAME(panel_pitch)(columns, first), wide = ridgeline_smaller(pitch, columns - first);
    TYPE *row = points + NAME(panel_element)(columns, depth, first_row, first);
    for (ptrdiff_t t = 0; t < tiles; t++, row += pitch) {
      const ridgeline_tile tile = ridgeline_output_tile(w, mosaic, outputs, first_tile + t);
#define STEP(window, count) NAME(gradient_points)(window, &tile, gradient + first, c, count, row + c, plane)
      FOR_WINDOW_VECTORS(STEP, w->window_height, wide);
#undef STEP
    }
  }
}

INLINE void NAME(points_to_outputs)(const int window, const ridgeline_tile *tile, const TYPE *points, ptrdiff_t plane,
                                    ptrdiff_t c, ptrdiff_t count, TYPE *output) {
  const int side = WINOGRAD_POINTS + 1 - window;
  NAME(vector) m[WINOGRAD_POINTS * WINOGRAD_POINTS];
  NAME(load_points)(points + c, plane, count, m);
  UNROLLED for (int i = 0; i < WINOGRAD_POINTS; i++) NAME(output_line)(m + i * WINOGRAD_POINTS, 1, window);
  UNROLLED for (int j = 0; j < side; j++) NAME(output_line)(m + j, WINOGRAD_POINTS, window);
  UNROLLED for (int i = 0; i < side; i++) {
    UNROLLED for (int j = 0; j < side; j++) {
      if (tile->row[i] < 0 || tile->column[j] < 0) continue;
      NAME(store_some)(output + c + tile->row[i] + tile->column[j], m[i * WINOGRAD_POINTS + j], count);
    }
  }
}

/// A'mA: the outputs of tiles, which may hang over the image.
static void NAME(tile_outputs)(const ridgeline_window *w, const ridgeline_mosaic *mosaic, ptrdiff_t outputs, ptrdiff_t columns,
                               ptrdiff_t first_tile, ptrdiff_t tiles, const TYPE *points, ptrdiff_t plane, TYPE *output) {
  for (ptrdiff_t t = 0; t < tiles; t++, points += columns) {
    const ridgeline_tile tile = ridgeline_output_tile(w, mosaic, outputs, first_tile + t);
#define STEP(window, count) NAME(points_to_outputs)(window, &tile, points, plane, c, count, output)
    FOR_WINDOW_VECTORS(STEP, w->window_height, columns);
#undef STEP
  }
}

INLINE void NAME(kernel_points)(const int window, int is_turned, const TYPE *kernel, ptrdiff_t taps, ptrdiff_t count,
                                TYPE *points, ptrdiff_t plane) {
  const ptrdiff_t first = is_turned ? window * window - 1 : 0, sign = is_turned ? -1 : 1;
  NAME(vector) g[WINOGRAD_POINTS * WINOGRAD_POINTS];
  UNROLLED for (int i = 0; i < window; i++) {
    UNROLLED for (int j = 0; j < window; j++) {
      g[i * WINOGRAD_POINTS + j] = NAME(load_some)(kernel + (first + sign * (i * window + j)) * taps, count);
    }
  }
  UNROLLED for (int j = 0; j < window; j++) NAME(kernel_line)(g + j, WINOGRAD_POINTS, window);
  UNROLLED for (int i = 0; i < WINOGRAD_POINTS; i++) NAME(kernel_line)(g + i * WINOGRAD_POINTS, 1, window);
  NAME(store_points)(g, points, plane, count);
}

/// G g G', for some rows of a kernel, in panels.
static void NAME(tile_kernel_points)(ptrdiff_t window, ptrdiff_t rows, ptrdiff_t columns, const TYPE *kernel, ptrdiff_t pitch,
                                     ptrdiff_t taps, TYPE *points, ptrdiff_t first_row, ptrdiff_t depth, ptrdiff_t plane) {
  for (ptrdiff_t row = 0; row < rows; row++, kernel += pitch) {
#define STEP(window, count) \
  NAME(kernel_points)       \
  (window, 0, kernel + c, taps, count, points + NAME(panel_element)(columns, depth, first_row + row, c), plane)
    FOR_WINDOW_VECTORS(STEP, window, columns);
#undef STEP
  }
}

/// The same for a kernel that is read from its last tap to its first; rows become columns, a block at a time.
static void NAME(tile_turned_kernel_points)(ptrdiff_t window, ptrdiff_t rows, ptrdiff_t columns, const TYPE *kernel,
                                            ptrdiff_t pitch, ptrdiff_t taps, TYPE *points, ptrdiff_t first_column,
                                            ptrdiff_t points_columns, ptrdiff_t plane) {
  // A block becomes columns of one panel.
  enum { side = NAME(panel_columns) < 16 ? NAME(panel_columns) : 16 };
  TYPE block[WINOGRAD_POINTS * WINOGRAD_POINTS * side * side];
  for (ptrdiff_t row = 0; row < rows; row += side) {
    const ptrdiff_t to_column = first_column + row;
    const ptrdiff_t to_pitch = NAME(panel_pitch)(points_columns, to_column / NAME(panel_columns) * NAME(panel_columns));
    for (ptrdiff_t column = 0; column < columns; column += side) {
      const ptrdiff_t high = ridgeline_smaller(side, rows - row), wide = ridgeline_smaller(side, columns - column);
      for (ptrdiff_t r = 0; r < high; r++) {
        const TYPE *from = kernel + (row + r) * pitch + column;
#define STEP(window, count) NAME(kernel_points)(window, 1, from + c, taps, count, block + r * side + c, side * side)
        FOR_WINDOW_VECTORS(STEP, window, wide);
#undef STEP
      }
      TYPE *to = points + NAME(panel_element)(points_columns, columns, column, to_column);
      for (ptrdiff_t point = 0; point < WINOGRAD_POINTS * WINOGRAD_POINTS; point++) {
        NAME(transpose)(high, wide, block + point * side * side, side, to + point * plane, to_pitch);
      }
    }
  }
}

INLINE void NAME(points_to_kernel)(const int window, const TYPE *points, ptrdiff_t plane, ptrdiff_t count, TYPE *kernel,
                                   ptrdiff_t taps) {
  NAME(vector) u[WINOGRAD_POINTS * WINOGRAD_POINTS];
  NAME(load_points)(points, plane, count, u);
  UNROLLED for (int i = 0; i < WINOGRAD_POINTS; i++) NAME(kernel_gradient_line)(u + i * WINOGRAD_POINTS, 1, window);
  UNROLLED for (int j = 0; j < window; j++) NAME(kernel_gradient_line)(u + j, WINOGRAD_POINTS, window);
  UNROLLED for (int i = 0; i < window; i++) {
    UNROLLED for (int j = 0; j < window; j++) {
      NAME(store_some)(kernel + (i * window + j) * taps, u[i * WINOGRAD_POINTS + j], count);
    }
  }
}

/// G'uG, for elements that share a tap.
static void NAME(tile_kernel_gradient)(ptrdiff_t window, ptrdiff_t elements, const TYPE *points, ptrdiff_t plane,
                                       TYPE *kernel_gradient, ptrdiff_t taps) {
#define STEP(window, count) NAME(points_to_kernel)(window, points + c, plane, count, kernel_gradient + c, taps)
  FOR_WINDOW_VECTORS(STEP, window, elements);
#undef STEP
}
