// Where the tiles of Winograd's filtering lie: in single images, or in mosaics of several.
//
// Tiles hang over the images' edges. Images of 13 x 13, as AlexNet's, need four tiles of 4 along each axis, of which three
// outputs in sixteen are lost; two of them side by side, with the one column of zeros between that both read, need seven and
// lose two in twenty-eight.

/// Points along each side of a tile, which are the inputs there: of 4x4 outputs under a window of 3, of 3x3 under one of 5.
static inline __attribute__((always_inline)) int ridgeline_side_points(ptrdiff_t window) {
  return window == 3 ? WINOGRAD_POINTS : WINOGRAD_MOST_POINTS;
}

/// Where the pixels of a tile begin: at row[i] + column[j]. What is negative is in no image.
typedef struct ridgeline_tile {
  ptrdiff_t row[WINOGRAD_MOST_POINTS], column[WINOGRAD_MOST_POINTS];
  /// Whether all pixels are in one image, a pitch apart.
  int is_whole;
  ptrdiff_t row_pitch, column_pitch;
} ridgeline_tile;

/// Places `side` rows or columns from `first` on, where images of `size` stand every `period`.
///
/// - Returns: whether all of them are in one image.
static inline int ridgeline_place(ptrdiff_t side, ptrdiff_t first, ptrdiff_t size, ptrdiff_t period, ptrdiff_t images,
                                  ptrdiff_t image_pitch, ptrdiff_t pitch, ptrdiff_t *offset) {
  // Before the first image there is nothing to divide.
  ptrdiff_t image = first < 0 ? 0 : first / period, within = first - image * period;
  const int is_whole = within >= 0 && within + side <= size && image < images;
  for (ptrdiff_t k = 0; k < side; k++) {
    offset[k] = within >= 0 && within < size && image < images ? image * image_pitch + within * pitch : -1;
    if (++within == period) within = 0, image++;
  }
  return is_whole;
}

/// The tile of `side` rows and columns from (row, column) on, of mosaics of images [height, width, channels].
static inline ridgeline_tile ridgeline_tile_at(const ridgeline_mosaic *mosaic, ptrdiff_t side, ptrdiff_t height,
                                               ptrdiff_t width, ptrdiff_t channels, ptrdiff_t number, ptrdiff_t row,
                                               ptrdiff_t column) {
  const ptrdiff_t image = height * width * channels, images = mosaic->images_down * mosaic->images_across;
  ridgeline_tile tile = {.row_pitch = width * channels, .column_pitch = channels};
  const int has_rows = ridgeline_place(side, row, height, mosaic->period_rows, mosaic->images_down,
                                       mosaic->images_across * image, tile.row_pitch, tile.row);
  const int has_columns = ridgeline_place(side, column, width, mosaic->period_columns, mosaic->images_across, image, channels,
                                          tile.column);
  for (ptrdiff_t i = 0; i < side; i++) {
    if (tile.row[i] >= 0) tile.row[i] += number * images * image;
  }
  tile.is_whole = has_rows && has_columns;
  return tile;
}

/// The inputs of tile number `index`, counted row by row through each mosaic.
static inline ridgeline_tile ridgeline_input_tile(const ridgeline_window *w, const ridgeline_mosaic *mosaic, ptrdiff_t index) {
  const ptrdiff_t points = ridgeline_side_points(w->window_height), side = points + 1 - w->window_height;
  const ptrdiff_t tiles = mosaic->tiles_down * mosaic->tiles_across, rest = index % tiles;
  return ridgeline_tile_at(mosaic, points, w->height, w->width, w->channels, index / tiles,
                           rest / mosaic->tiles_across * side - w->padding_top,
                           rest % mosaic->tiles_across * side - w->padding_left);
}

/// The outputs of that tile.
static inline ridgeline_tile ridgeline_output_tile(const ridgeline_window *w, const ridgeline_mosaic *mosaic,
                                                   ptrdiff_t outputs, ptrdiff_t index) {
  const ptrdiff_t side = ridgeline_side_points(w->window_height) + 1 - w->window_height;
  const ptrdiff_t tiles = mosaic->tiles_down * mosaic->tiles_across, rest = index % tiles;
  return ridgeline_tile_at(mosaic, side, w->output_height, w->output_width, outputs, index / tiles,
                           rest / mosaic->tiles_across * side, rest % mosaic->tiles_across * side);
}
