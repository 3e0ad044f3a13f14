#include "image_codecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  // Here, not in the frame that a longjmp leaves, so that they are freed on every way out.
  png_structp png;
  png_infop info;
  uint8_t *bytes;
  size_t count;
  size_t capacity;
  zoo_codec_status status;
  char *message;
} png_session;

static void on_error(png_structp png, png_const_charp text) {
  png_session *session = png_get_error_ptr(png);
  session->status = ZOO_CODEC_FAILED;
  snprintf(session->message, ZOO_CODEC_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void write_bytes(png_structp png, png_bytep bytes, size_t length) {
  png_session *session = png_get_io_ptr(png);
  if (length > session->capacity - session->count) {
    // A file is at most a little larger than its pixels, of which there are less than a gigabyte.
    size_t capacity = 2 * session->capacity + length;
    uint8_t *larger = realloc(session->bytes, capacity);
    if (!larger) png_error(png, "out of memory");
    session->bytes = larger;
    session->capacity = capacity;
  }
  memcpy(session->bytes + session->count, bytes, length);
  session->count += length;
}

static void flush(png_structp png) { (void)png; }

// Apart from its caller, whose session must keep its value over the longjmp.
static void attempt(png_session *session, const uint8_t *pixels, uint32_t width, uint32_t height,
                    int color_type) {
  png_structp png = session->png;
  if (setjmp(png_jmpbuf(png))) return;
  png_set_write_fn(png, session, write_bytes, flush);
  // The caller has judged the size.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(png, session->info, width, height, 8, color_type, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, session->info);
  size_t row = png_get_rowbytes(png, session->info);
  for (uint32_t y = 0; y < height; y++) png_write_row(png, pixels + y * row);
  png_write_end(png, NULL);
}

zoo_codec_status zoo_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t color_type, uint8_t **file,
    size_t *count, char *message) {
  png_session session = {.message = message};
  message[0] = 0;
  session.png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
  session.info = session.png ? png_create_info_struct(session.png) : NULL;
  if (session.info) {
    attempt(&session, pixels, width, height, color_type);
  } else {
    snprintf(message, ZOO_CODEC_MESSAGE_SIZE, "out of memory");
    session.status = ZOO_CODEC_FAILED;
  }
  png_destroy_write_struct(&session.png, &session.info);
  if (session.status == ZOO_CODEC_OK) {
    *file = session.bytes;
    *count = session.count;
  } else {
    free(session.bytes);
  }
  return session.status;
}
