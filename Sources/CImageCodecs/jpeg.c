#include "CImageCodecs.h"

#include <setjmp.h>
#include <stdio.h>

#include <jpeglib.h>
#include <jerror.h>

// What changes after setjmp lives in the caller's frame: a longjmp may lose the value of a local variable.
typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf escape;
  ridgeline_image_status status;
  char *message;
} errors;

static void leave(j_common_ptr image, ridgeline_image_status status) {
  errors *e = (errors *)image->err;
  char text[JMSG_LENGTH_MAX];
  e->manager.format_message(image, text);
  snprintf(e->message, RIDGELINE_IMAGE_MESSAGE_SIZE, "%s", text);
  e->status = status;
  longjmp(e->escape, 1);
}

static void fail(j_common_ptr image) {
  switch (image->err->msg_code) {
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY: leave(image, RIDGELINE_IMAGE_TRUNCATED); break;
    case JERR_OUT_OF_MEMORY: leave(image, RIDGELINE_IMAGE_NO_MEMORY); break;
    case JERR_BAD_PRECISION: leave(image, RIDGELINE_IMAGE_UNSUPPORTED); break;
    default: leave(image, RIDGELINE_IMAGE_CORRUPT);
  }
}

// The library warns where it makes up pixels for data that are missing or damaged; such an image is refused. Other warnings
// (stray bytes between segments, odd headers) lose nothing.
static void hear(j_common_ptr image, int level) {
  if (level >= 0) return;
  switch (image->err->msg_code) {
    case JWRN_JPEG_EOF: leave(image, RIDGELINE_IMAGE_TRUNCATED); break;
    case JWRN_HIT_MARKER:
    case JWRN_HUFF_BAD_CODE:
    case JWRN_ARITH_BAD_CODE:
    case JWRN_MUST_RESYNC: leave(image, RIDGELINE_IMAGE_CORRUPT); break;
    default: break;
  }
}

// A small file can ask for thousands of passes over a large image; real ones have about ten.
enum { SCAN_LIMIT = 500 };

static void refuse(j_common_ptr image, const char *text) {
  errors *e = (errors *)image->err;
  snprintf(e->message, RIDGELINE_IMAGE_MESSAGE_SIZE, "%s", text);
  e->status = RIDGELINE_IMAGE_UNSUPPORTED;
  longjmp(e->escape, 1);
}

static void count_scans(j_common_ptr image) {
  if (((j_decompress_ptr)image)->input_scan_number > SCAN_LIMIT) refuse(image, "more than 500 scans");
}

static ridgeline_image_status run_reader(
    j_decompress_ptr image, errors *e, struct jpeg_progress_mgr *progress, const uint8_t *bytes, size_t count,
    ridgeline_image_header *header, void *pixels, size_t byte_count) {
  if (setjmp(e->escape)) return e->status;
  jpeg_create_decompress(image);
  image->progress = progress;
  jpeg_mem_src(image, (unsigned char *)bytes, count);
  jpeg_read_header(image, TRUE);
  if (image->data_precision != 8) refuse((j_common_ptr)image, "samples of other than 8 bits");
  switch (image->num_components) {
    case 1: image->out_color_space = JCS_GRAYSCALE; break;
    case 3: image->out_color_space = JCS_RGB; break;
    case 4: image->out_color_space = JCS_CMYK; break;
    default: refuse((j_common_ptr)image, "a number of components that is not 1, 3 or 4");
  }
  header->width = image->image_width;
  header->height = image->image_height;
  header->channels = (uint32_t)image->num_components;
  header->bits = 8;
  if (pixels == NULL) return RIDGELINE_IMAGE_OK;
  const size_t row = (size_t)header->width * header->channels;
  if (row * header->height != byte_count) refuse((j_common_ptr)image, "another size than its header says");
  jpeg_start_decompress(image);
  while (image->output_scanline < image->output_height) {
    JSAMPROW target = (JSAMPROW)pixels + image->output_scanline * row;
    jpeg_read_scanlines(image, &target, 1);
  }
  jpeg_finish_decompress(image);
  return RIDGELINE_IMAGE_OK;
}

ridgeline_image_status ridgeline_jpeg_read(
    const uint8_t *bytes, size_t count, ridgeline_image_header *header, void *pixels, size_t byte_count,
    char *message) {
  struct jpeg_decompress_struct image;
  struct jpeg_progress_mgr progress = {.progress_monitor = count_scans};
  errors e = {.status = RIDGELINE_IMAGE_OK, .message = message};
  message[0] = 0;
  // The library's destructor looks at this pointer, which its constructor sets only after what can fail.
  image.mem = NULL;
  image.err = jpeg_std_error(&e.manager);
  e.manager.error_exit = fail;
  e.manager.emit_message = hear;
  const ridgeline_image_status status = run_reader(&image, &e, &progress, bytes, count, header, pixels, byte_count);
  jpeg_destroy_decompress(&image);
  return status;
}
