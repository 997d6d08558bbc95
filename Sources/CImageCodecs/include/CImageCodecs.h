// PNG and JPEG in memory, through libpng and libjpeg-turbo. Both report errors by longjmp, which must not pass through Swift:
// it stays in these functions, which return a status.
#ifndef RIDGELINE_IMAGE_CODECS_H
#define RIDGELINE_IMAGE_CODECS_H

#include <stddef.h>
#include <stdint.h>

typedef enum {
  RIDGELINE_IMAGE_OK = 0,
  /// The bytes end before the image does.
  RIDGELINE_IMAGE_TRUNCATED = 1,
  /// The library cannot make sense of the bytes.
  RIDGELINE_IMAGE_CORRUPT = 2,
  /// A sound file of a kind that is not read here.
  RIDGELINE_IMAGE_UNSUPPORTED = 3,
  /// There is no memory.
  RIDGELINE_IMAGE_NO_MEMORY = 4
} ridgeline_image_status;

/// What a file holds, as the reading functions lay it out: rows from the top, samples of a pixel side by side.
typedef struct {
  uint32_t width;
  uint32_t height;
  /// PNG: 1 grey, 2 grey and alpha, 3 RGB, 4 RGB and alpha. JPEG: 1 grey, 3 RGB, 4 inverted CMYK (255 is no ink).
  uint32_t channels;
  /// Bits a sample: 8, or 16 in the machine's byte order.
  uint32_t bits;
} ridgeline_image_header;

/// Room for the library's message, its end included.
enum { RIDGELINE_IMAGE_MESSAGE_SIZE = 256 };

/// Reads a PNG's header into `header`, and where `pixels` is not NULL its pixels too, without correction for gamma.
/// `byte_count` is then the size of what the header describes. Palettes become RGB, fewer bits than 8 become 8, and
/// transparent colours become alpha.
ridgeline_image_status ridgeline_png_read(
    const uint8_t *bytes, size_t count, ridgeline_image_header *header, void *pixels, size_t byte_count, char *message);

/// The same for a JPEG.
ridgeline_image_status ridgeline_jpeg_read(
    const uint8_t *bytes, size_t count, ridgeline_image_header *header, void *pixels, size_t byte_count, char *message);

/// Writes 8-bit pixels (1 or 3 channels) as a PNG into memory of its own, to be given back by `ridgeline_image_free`.
ridgeline_image_status ridgeline_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint32_t channels, uint8_t **bytes, size_t *count,
    char *message);

void ridgeline_image_free(uint8_t *bytes);

#endif
