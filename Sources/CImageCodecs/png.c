#include "CImageCodecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// What changes after setjmp lives in the caller's frame: a longjmp may lose the value of a local variable.
typedef struct {
  png_structp png;
  png_infop info;
  const uint8_t *bytes;
  size_t count;
  size_t position;
  int is_truncated;
} reader;

static void fail(png_structp png, png_const_charp text) {
  char *message = png_get_error_ptr(png);
  snprintf(message, RIDGELINE_IMAGE_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

static void ignore(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void take(png_structp png, png_bytep target, size_t count) {
  reader *r = png_get_io_ptr(png);
  if (r->count - r->position < count) {
    r->is_truncated = 1;
    png_error(png, "the file ends within it");
  }
  memcpy(target, r->bytes + r->position, count);
  r->position += count;
}

static void describe(reader *r, ridgeline_image_header *header) {
  const int color = png_get_color_type(r->png, r->info);
  const int has_transparency = png_get_valid(r->png, r->info, PNG_INFO_tRNS) != 0;
  const uint32_t colors = (color & PNG_COLOR_MASK_COLOR) ? 3 : 1;
  header->width = png_get_image_width(r->png, r->info);
  header->height = png_get_image_height(r->png, r->info);
  header->channels = colors + ((color & PNG_COLOR_MASK_ALPHA) || has_transparency ? 1 : 0);
  header->bits = png_get_bit_depth(r->png, r->info) == 16 ? 16 : 8;
}

static void read_pixels(reader *r, const ridgeline_image_header *header, uint8_t *pixels, size_t byte_count) {
  png_set_expand(r->png);
  const uint16_t probe = 1;
  if (*(const uint8_t *)&probe == 1) png_set_swap(r->png);
  const int passes = png_set_interlace_handling(r->png);
  png_read_update_info(r->png, r->info);
  const size_t row = (size_t)header->width * header->channels * (header->bits / 8);
  if (png_get_rowbytes(r->png, r->info) != row || row * header->height != byte_count)
    png_error(r->png, "its rows have another length than its header says");
  for (int pass = 0; pass < passes; ++pass)
    for (uint32_t y = 0; y < header->height; ++y) png_read_row(r->png, pixels + y * row, NULL);
  // The last chunks too, so that a file that ends early is not taken for a whole one.
  png_read_end(r->png, NULL);
}

static ridgeline_image_status run_reader(
    reader *r, ridgeline_image_header *header, void *pixels, size_t byte_count) {
  if (setjmp(png_jmpbuf(r->png))) return r->is_truncated ? RIDGELINE_IMAGE_TRUNCATED : RIDGELINE_IMAGE_CORRUPT;
  r->info = png_create_info_struct(r->png);
  if (r->info == NULL) png_error(r->png, "no memory");
  png_set_read_fn(r->png, r, take);
  // How large an image may be is the caller's to say.
  png_set_user_limits(r->png, 0x7fffffff, 0x7fffffff);
#ifdef PNG_HANDLE_AS_UNKNOWN_SUPPORTED
  // Texts, profiles and the like are passed over: they change no sample, and could unpack to much.
  png_set_keep_unknown_chunks(r->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
#endif
  png_read_info(r->png, r->info);
  describe(r, header);
  if (pixels != NULL) read_pixels(r, header, pixels, byte_count);
  return RIDGELINE_IMAGE_OK;
}

ridgeline_image_status ridgeline_png_read(
    const uint8_t *bytes, size_t count, ridgeline_image_header *header, void *pixels, size_t byte_count,
    char *message) {
  reader r = {NULL, NULL, bytes, count, 0, 0};
  message[0] = 0;
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  if (r.png == NULL) return RIDGELINE_IMAGE_NO_MEMORY;
  const ridgeline_image_status status = run_reader(&r, header, pixels, byte_count);
  png_destroy_read_struct(&r.png, &r.info, NULL);
  return status;
}

typedef struct {
  png_structp png;
  png_infop info;
  uint8_t *bytes;
  size_t count;
  size_t capacity;
} writer;

static void append(png_structp png, png_bytep source, size_t count) {
  writer *w = png_get_io_ptr(png);
  if (w->capacity - w->count < count) {
    const size_t capacity = 2 * w->capacity + count + 4096;
    uint8_t *grown = realloc(w->bytes, capacity);
    if (grown == NULL) png_error(png, "no memory");
    w->bytes = grown;
    w->capacity = capacity;
  }
  memcpy(w->bytes + w->count, source, count);
  w->count += count;
}

static void flush(png_structp png) { (void)png; }

static ridgeline_image_status run_writer(
    writer *w, const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels) {
  if (setjmp(png_jmpbuf(w->png))) return RIDGELINE_IMAGE_CORRUPT;
  w->info = png_create_info_struct(w->png);
  if (w->info == NULL) png_error(w->png, "no memory");
  png_set_write_fn(w->png, w, append, flush);
  png_set_user_limits(w->png, 0x7fffffff, 0x7fffffff);
  png_set_IHDR(
      w->png, w->info, width, height, 8, channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
      PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(w->png, w->info);
  const size_t row = (size_t)width * channels;
  for (uint32_t y = 0; y < height; ++y) png_write_row(w->png, pixels + y * row);
  png_write_end(w->png, NULL);
  return RIDGELINE_IMAGE_OK;
}

ridgeline_image_status ridgeline_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **bytes, size_t *count,
    char *message) {
  writer w = {NULL, NULL, NULL, 0, 0};
  message[0] = 0;
  w.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, message, fail, ignore);
  if (w.png == NULL) return RIDGELINE_IMAGE_NO_MEMORY;
  const ridgeline_image_status status = run_writer(&w, pixels, width, height, channels);
  png_destroy_write_struct(&w.png, &w.info);
  if (status != RIDGELINE_IMAGE_OK) {
    free(w.bytes);
    return status;
  }
  *bytes = w.bytes;
  *count = w.count;
  return RIDGELINE_IMAGE_OK;
}

void ridgeline_image_free(uint8_t *bytes) { free(bytes); }
