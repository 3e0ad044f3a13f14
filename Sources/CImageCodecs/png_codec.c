#include "image_codecs.h"

#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

typedef struct {
  const uint8_t *bytes;
  size_t count;
  size_t position;
  zoo_codec_status status;
  char *message;
  // Here, not in the frame that a longjmp leaves, so that they are freed on every way out.
  png_structp png;
  png_infop info;
  png_bytep row;
} png_session;

static void on_error(png_structp png, png_const_charp text) {
  png_session *session = png_get_error_ptr(png);
  if (session->status == ZOO_CODEC_OK) session->status = ZOO_CODEC_DAMAGED;
  snprintf(session->message, ZOO_CODEC_MESSAGE_SIZE, "%s", text);
  png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp text) {
  (void)png;
  (void)text;
}

static void read_bytes(png_structp png, png_bytep out, size_t length) {
  png_session *session = png_get_io_ptr(png);
  if (length > session->count - session->position) {
    session->status = ZOO_CODEC_TRUNCATED;
    png_error(png, "unexpected end of file");
  }
  memcpy(out, session->bytes + session->position, length);
  session->position += length;
}

static void read_header(png_session *session, zoo_png_header *header) {
  png_structp png = session->png;
  png_set_read_fn(png, session, read_bytes);
  // The caller judges the size, from the header, before it reserves memory.
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_crc_action(png, PNG_CRC_ERROR_QUIT, PNG_CRC_ERROR_QUIT);
  // Colour profiles, gamma and texts change no sample here: they are skipped, not decompressed.
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_read_info(png, session->info);
  header->width = png_get_image_width(png, session->info);
  header->height = png_get_image_height(png, session->info);
  header->bit_depth = png_get_bit_depth(png, session->info);
  header->color_type = png_get_color_type(png, session->info);
  header->is_interlaced = png_get_interlace_type(png, session->info) != PNG_INTERLACE_NONE;
}

// The first pixel and the steps of each pass over the image.
typedef struct {
  uint32_t x, y, step_x, step_y;
} png_pass;

static const png_pass whole_image[] = {{0, 0, 1, 1}};
static const png_pass adam7[] = {
    {0, 0, 8, 8}, {4, 0, 8, 8}, {0, 4, 4, 8}, {2, 0, 4, 4},
    {0, 2, 2, 4}, {1, 0, 2, 2}, {0, 1, 1, 2},
};

// libpng hands out the rows of each pass as they are stored, so that one row is all the memory
// that an interlaced image needs beside its first channel.
static void read_pass(png_session *session, const zoo_png_header *header, png_pass pass,
                      size_t pixel_bytes, bool is_wide, uint16_t *samples) {
  if (pass.x >= header->width || pass.y >= header->height) return;
  for (size_t y = pass.y; y < header->height; y += pass.step_y) {
    png_read_row(session->png, session->row, NULL);
    const uint8_t *source = session->row;
    uint16_t *target = samples + y * header->width;
    for (size_t x = pass.x; x < header->width; x += pass.step_x) {
      target[x] = is_wide ? (uint16_t)(source[0] << 8 | source[1]) : source[0];
      source += pixel_bytes;
    }
  }
}

static void read_samples(png_session *session, const zoo_png_header *expected,
                         uint16_t *samples) {
  png_structp png = session->png;
  zoo_png_header header;
  read_header(session, &header);
  if (header.width != expected->width || header.height != expected->height) {
    png_error(png, "the header changed between two readings");
  }
  if (header.color_type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(png);
  if (header.bit_depth < 8) png_set_packing(png);
  // A quirk kept for parity: the reference keeps 16 bits of plain grey only, and the high byte of
  // everything else.
  if (header.bit_depth == 16 && header.color_type != PNG_COLOR_TYPE_GRAY) png_set_strip_16(png);
  png_read_update_info(png, session->info);

  bool is_wide = png_get_bit_depth(png, session->info) == 16;
  size_t pixel_bytes = png_get_channels(png, session->info) * (is_wide ? 2u : 1u);
  session->row = png_malloc(png, png_get_rowbytes(png, session->info));
  const png_pass *passes = header.is_interlaced ? adam7 : whole_image;
  size_t pass_count = header.is_interlaced ? sizeof adam7 / sizeof *adam7 : 1;
  for (size_t i = 0; i < pass_count; i++) {
    read_pass(session, &header, passes[i], pixel_bytes, is_wide, samples);
  }
  png_read_end(png, NULL);
}

// Apart from run, whose session must keep its value over the longjmp.
static void attempt(png_session *session, zoo_png_header *header, const zoo_png_header *expected,
                    uint16_t *samples) {
  if (setjmp(png_jmpbuf(session->png))) return;
  if (samples) {
    read_samples(session, expected, samples);
  } else {
    read_header(session, header);
  }
}

static zoo_codec_status run(const uint8_t *bytes, size_t count, zoo_png_header *header,
                            const zoo_png_header *expected, uint16_t *samples, char *message) {
  png_session session = {.bytes = bytes, .count = count, .message = message};
  message[0] = 0;
  session.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, on_error, on_warning);
  session.info = session.png ? png_create_info_struct(session.png) : NULL;
  if (session.info) {
    attempt(&session, header, expected, samples);
  } else {
    snprintf(message, ZOO_CODEC_MESSAGE_SIZE, "out of memory");
    session.status = ZOO_CODEC_DAMAGED;
  }
  if (session.row) png_free(session.png, session.row);
  png_destroy_read_struct(&session.png, &session.info, NULL);
  return session.status;
}

zoo_codec_status zoo_png_read_header(
    const uint8_t *bytes, size_t count, zoo_png_header *header, char *message) {
  return run(bytes, count, header, NULL, NULL, message);
}

zoo_codec_status zoo_png_read_samples(
    const uint8_t *bytes, size_t count, const zoo_png_header *header, uint16_t *samples,
    char *message) {
  return run(bytes, count, NULL, header, samples, message);
}
