#include "image_codecs.h"

#include <setjmp.h>
#include <stdio.h>
// After stdio.h, which jpeglib.h needs and doesn't include.
#include <jerror.h>
#include <jpeglib.h>

typedef struct {
  struct jpeg_decompress_struct jpeg;
  struct jpeg_error_mgr errors;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  int maximum_scans;
  zoo_codec_status status;
  char *message;
} jpeg_session;

static jpeg_session *session_of(j_common_ptr jpeg) { return jpeg->client_data; }

static void stop(j_common_ptr jpeg, zoo_codec_status status) {
  jpeg_session *session = session_of(jpeg);
  char text[JMSG_LENGTH_MAX];
  jpeg->err->format_message(jpeg, text);
  snprintf(session->message, ZOO_CODEC_MESSAGE_SIZE, "%s", text);
  session->status = status;
  longjmp(session->escape, 1);
}

static void on_error(j_common_ptr jpeg) {
  switch (jpeg->err->msg_code) {
    case JERR_SOF_UNSUPPORTED:
    case JERR_BAD_PRECISION:
    case JERR_ARITH_NOTIMPL:
    case JERR_CONVERSION_NOTIMPL:
      stop(jpeg, ZOO_CODEC_UNSUPPORTED);
      break;
    case JERR_INPUT_EOF:
    case JERR_INPUT_EMPTY:
      stop(jpeg, ZOO_CODEC_TRUNCATED);
      break;
    default:
      stop(jpeg, ZOO_CODEC_DAMAGED);
  }
}

// After most warnings libjpeg goes on and fills what it cannot read with grey, which a model would
// take for anatomy: they end the reading. The ones let through harm no sample.
static void on_message(j_common_ptr jpeg, int level) {
  if (level >= 0) return;
  switch (jpeg->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_ADOBE_XFORM:
    case JWRN_NOT_SEQUENTIAL:
      break;
    case JWRN_JPEG_EOF:
      stop(jpeg, ZOO_CODEC_TRUNCATED);
      break;
    default:
      stop(jpeg, ZOO_CODEC_DAMAGED);
  }
}

static void print_nothing(j_common_ptr jpeg) { (void)jpeg; }

static void on_progress(j_common_ptr jpeg) {
  jpeg_session *session = session_of(jpeg);
  if (session->jpeg.input_scan_number <= session->maximum_scans) return;
  snprintf(session->message, ZOO_CODEC_MESSAGE_SIZE, "more than %d scans", session->maximum_scans);
  session->status = ZOO_CODEC_DAMAGED;
  longjmp(session->escape, 1);
}

static zoo_jpeg_color color_of(J_COLOR_SPACE space) {
  switch (space) {
    case JCS_GRAYSCALE: return ZOO_JPEG_GRAY;
    case JCS_RGB: return ZOO_JPEG_RGB;
    case JCS_YCbCr: return ZOO_JPEG_YCBCR;
    case JCS_CMYK: return ZOO_JPEG_CMYK;
    case JCS_YCCK: return ZOO_JPEG_YCCK;
    default: return ZOO_JPEG_UNKNOWN;
  }
}

static void read_header(jpeg_session *session, const uint8_t *bytes, size_t count,
                        zoo_jpeg_header *header) {
  j_decompress_ptr jpeg = &session->jpeg;
  jpeg_mem_src(jpeg, bytes, count);
  jpeg_read_header(jpeg, TRUE);
  header->width = jpeg->image_width;
  header->height = jpeg->image_height;
  header->precision = (uint8_t)jpeg->data_precision;
  header->channels = (uint8_t)jpeg->num_components;
  header->color = color_of(jpeg->jpeg_color_space);
}

static void read_samples(jpeg_session *session, const uint8_t *bytes, size_t count,
                         const zoo_jpeg_header *expected, uint16_t *samples) {
  j_decompress_ptr jpeg = &session->jpeg;
  zoo_jpeg_header header;
  read_header(session, bytes, count, &header);
  if (header.width != expected->width || header.height != expected->height) {
    ERREXIT(jpeg, JERR_BAD_LENGTH);
  }
  session->progress.progress_monitor = on_progress;
  jpeg->progress = &session->progress;
  // Grey stays grey, the rest becomes RGB; the transform and the upsampling are the library's
  // defaults, which are the reference's too.
  jpeg->out_color_space = header.color == ZOO_JPEG_GRAY ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(jpeg);
  size_t channels = (size_t)jpeg->output_components;
  JSAMPARRAY rows = jpeg->mem->alloc_sarray(
      (j_common_ptr)jpeg, JPOOL_IMAGE, (JDIMENSION)(header.width * channels), 1);
  while (jpeg->output_scanline < jpeg->output_height) {
    uint16_t *target = samples + (size_t)jpeg->output_scanline * header.width;
    jpeg_read_scanlines(jpeg, rows, 1);
    for (size_t x = 0; x < header.width; x++) target[x] = rows[0][x * channels];
  }
  jpeg_finish_decompress(jpeg);
}

// Apart from run, whose session must keep its value over the longjmp.
static void attempt(jpeg_session *session, const uint8_t *bytes, size_t count,
                    zoo_jpeg_header *header, const zoo_jpeg_header *expected, uint16_t *samples) {
  if (setjmp(session->escape)) return;
  jpeg_create_decompress(&session->jpeg);
  if (samples) {
    read_samples(session, bytes, count, expected, samples);
  } else {
    read_header(session, bytes, count, header);
  }
}

static zoo_codec_status run(const uint8_t *bytes, size_t count, zoo_jpeg_header *header,
                            const zoo_jpeg_header *expected, int maximum_scans,
                            uint16_t *samples, char *message) {
  jpeg_session session = {.maximum_scans = maximum_scans, .message = message};
  message[0] = 0;
  session.jpeg.err = jpeg_std_error(&session.errors);
  session.errors.error_exit = on_error;
  session.errors.emit_message = on_message;
  session.errors.output_message = print_nothing;
  session.jpeg.client_data = &session;
  attempt(&session, bytes, count, header, expected, samples);
  jpeg_destroy_decompress(&session.jpeg);
  return session.status;
}

zoo_codec_status zoo_jpeg_read_header(
    const uint8_t *bytes, size_t count, zoo_jpeg_header *header, char *message) {
  return run(bytes, count, header, NULL, 0, NULL, message);
}

zoo_codec_status zoo_jpeg_read_samples(
    const uint8_t *bytes, size_t count, const zoo_jpeg_header *header, int maximum_scans,
    uint16_t *samples, char *message) {
  return run(bytes, count, NULL, header, maximum_scans, samples, message);
}
