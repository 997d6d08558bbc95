// Convolutions with square windows of 3 or 5 and stride 1 by Winograd's minimal filtering of tiles, F(4x4, 3x3) and
// F(3x3, 5x5): 36 or 49 products a tile instead of 144 or 225 (Lavin and Gray, "Fast Algorithms for Convolutional Neural
// Networks", CVPR 2016). Here stand the transforms; the products over channels between them are matrix products, one for
// each of the points.
//
// Y = A'[(G g G') * (B'd B)]A for a kernel g, a tile d of inputs at the points of `winograd_lines.h` or, for windows of 5,
// `winograd_long_lines.h`, and the outputs Y. The gradients are the transposes: the kernel's is G'[(B'd B) * (A y A')]G, and
// the input's a convolution of y with the kernel turned round.
//
// Tiles are counted row by row through each mosaic of images (`winograd_tiles.h`); values at the points stand as
// [point][tile][channel], the planes of the points `plane` elements apart. Of the two matrices that are multiplied at each
// point, the second lies in panels.

#define INLINE static inline __attribute__((always_inline))
#define UNROLLED _Pragma("clang loop unroll(full)")

/// A transform of lines, for a window known to the compiler.
#define LINE(transform, window, line, step) \
  ((window) == 3 ? NAME(transform##_line)(line, step) : NAME(transform##_long_line)(line, step))

/// Runs `STEP(window, count)` for vectors of channels from channel c on; the window, and all counts but the last, are known to
/// the compiler.
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

/// A tile's pixels at channels c ..< c + count, as rows of `pitch` vectors; zeros outside the images.
INLINE void NAME(load_tile)(const ridgeline_tile *tile, const int side, const TYPE *images, ptrdiff_t c, ptrdiff_t count,
                            NAME(vector) *d, const int pitch) {
  if (tile->is_whole) {
    const TYPE *corner = images + tile->row[0] + tile->column[0] + c;
    UNROLLED for (int i = 0; i < side; i++) {
      UNROLLED for (int j = 0; j < side; j++) {
        d[i * pitch + j] = NAME(load_some)(corner + i * tile->row_pitch + j * tile->column_pitch, count);
      }
    }
    return;
  }
  for (int i = 0; i < side; i++) {
    UNROLLED for (int j = 0; j < side; j++) {
      const ptrdiff_t row = tile->row[i], column = tile->column[j];
      d[i * pitch + j] =
          row < 0 || column < 0 ? (NAME(vector))(0) : NAME(load_some)(images + c + row + column, count);
    }
  }
}

/// Values at `side` times `side` points, `plane` elements apart.
INLINE void NAME(load_points)(const int side, const TYPE *points, ptrdiff_t plane, ptrdiff_t count, NAME(vector) *m) {
  UNROLLED for (int k = 0; k < side * side; k++) m[k] = NAME(load_some)(points + k * plane, count);
}

INLINE void NAME(store_points)(const int side, const NAME(vector) *m, TYPE *points, ptrdiff_t plane, ptrdiff_t count) {
  UNROLLED for (int k = 0; k < side * side; k++) NAME(store_some)(points + k * plane, m[k], count);
}

INLINE void NAME(input_points)(const int window, const ridgeline_tile *tile, const TYPE *input, ptrdiff_t c, ptrdiff_t count,
                               TYPE *points, ptrdiff_t plane) {
  const int side = ridgeline_side_points(window);
  NAME(vector) d[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS];
  NAME(load_tile)(tile, side, input, c, count, d, side);
  UNROLLED for (int j = 0; j < side; j++) LINE(input, window, d + j, side);
  UNROLLED for (int i = 0; i < side; i++) LINE(input, window, d + i * side, 1);
  NAME(store_points)(side, d, points + c, plane, count);
}

/// B'dB.
static void NAME(tile_points)(const ridgeline_window *w, const ridgeline_mosaic *mosaic, ptrdiff_t columns,
                              ptrdiff_t first_tile, ptrdiff_t tiles, const TYPE *input, TYPE *points, ptrdiff_t plane) {
  for (ptrdiff_t t = 0; t < tiles; t++, points += columns) {
    const ridgeline_tile tile = ridgeline_input_tile(w, mosaic, first_tile + t);
#define STEP(window, count) NAME(input_points)(window, &tile, input, c, count, points, plane)
    FOR_WINDOW_VECTORS(STEP, w->window_height, columns);
#undef STEP
  }
}

INLINE void NAME(gradient_points)(const int window, const ridgeline_tile *tile, const TYPE *gradient, ptrdiff_t c,
                                  ptrdiff_t count, TYPE *points, ptrdiff_t plane) {
  const int side = ridgeline_side_points(window), outputs = side + 1 - window;
  NAME(vector) y[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS];
  NAME(load_tile)(tile, outputs, gradient, c, count, y, side);
  UNROLLED for (int j = 0; j < outputs; j++) LINE(gradient, window, y + j, side);
  UNROLLED for (int i = 0; i < side; i++) LINE(gradient, window, y + i * side, 1);
  NAME(store_points)(side, y, points, plane, count);
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
  const int side = ridgeline_side_points(window), outputs = side + 1 - window;
  NAME(vector) m[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS];
  NAME(load_points)(side, points + c, plane, count, m);
  UNROLLED for (int i = 0; i < side; i++) LINE(output, window, m + i * side, 1);
  UNROLLED for (int j = 0; j < outputs; j++) LINE(output, window, m + j, side);
  UNROLLED for (int i = 0; i < outputs; i++) {
    UNROLLED for (int j = 0; j < outputs; j++) {
      if (tile->row[i] < 0 || tile->column[j] < 0) continue;
      NAME(store_some)(output + c + tile->row[i] + tile->column[j], m[i * side + j], count);
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
  const int side = ridgeline_side_points(window);
  NAME(vector) g[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS];
  UNROLLED for (int i = 0; i < window; i++) {
    UNROLLED for (int j = 0; j < window; j++) {
      g[i * side + j] = NAME(load_some)(kernel + (first + sign * (i * window + j)) * taps, count);
    }
  }
  UNROLLED for (int j = 0; j < window; j++) LINE(kernel, window, g + j, side);
  UNROLLED for (int i = 0; i < side; i++) LINE(kernel, window, g + i * side, 1);
  NAME(store_points)(side, g, points, plane, count);
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
  const ptrdiff_t side_points = ridgeline_side_points(window);
  TYPE block[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS * side * side];
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
      for (ptrdiff_t point = 0; point < side_points * side_points; point++) {
        NAME(transpose)(high, wide, block + point * side * side, side, to + point * plane, to_pitch);
      }
    }
  }
}

INLINE void NAME(points_to_kernel)(const int window, const TYPE *points, ptrdiff_t plane, ptrdiff_t count, TYPE *kernel,
                                   ptrdiff_t taps) {
  const int side = ridgeline_side_points(window);
  NAME(vector) u[WINOGRAD_MOST_POINTS * WINOGRAD_MOST_POINTS];
  NAME(load_points)(side, points, plane, count, u);
  UNROLLED for (int i = 0; i < side; i++) LINE(kernel_gradient, window, u + i * side, 1);
  UNROLLED for (int j = 0; j < window; j++) LINE(kernel_gradient, window, u + j, side);
  UNROLLED for (int i = 0; i < window; i++) {
    UNROLLED for (int j = 0; j < window; j++) {
      NAME(store_some)(kernel + (i * window + j) * taps, u[i * side + j], count);
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
