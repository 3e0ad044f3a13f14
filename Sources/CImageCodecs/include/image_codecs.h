// PNG and JPEG decoding to one channel, and PNG encoding, behind calls that always return.
//
// libpng and libjpeg report errors by longjmp, which must not cross Swift frames: it starts and
// ends inside this target. Every call is complete in itself and keeps nothing; reading the header
// first lets the caller check the size and reserve the memory that the second call fills.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// The size of the buffer that takes a codec's own words about a failure, with the final zero.
#define ZOO_CODEC_MESSAGE_SIZE 200

typedef enum zoo_codec_status {
  ZOO_CODEC_OK = 0,
  /// The bytes end before the image does.
  ZOO_CODEC_TRUNCATED,
  /// The bytes contradict the format or their own checksums.
  ZOO_CODEC_DAMAGED,
  /// A valid file of a kind that the codec doesn't decode.
  ZOO_CODEC_UNSUPPORTED,
  /// A file could not be made; there is no memory for it.
  ZOO_CODEC_FAILED,
} zoo_codec_status;

typedef struct zoo_png_header {
  uint32_t width;
  uint32_t height;
  /// As in the file: 1, 2, 4, 8 or 16.
  uint8_t bit_depth;
  /// As in the file: 0 grey, 2 RGB, 3 palette, 4 grey with alpha, 6 RGB with alpha.
  uint8_t color_type;
  bool is_interlaced;
} zoo_png_header;

typedef enum zoo_jpeg_color {
  ZOO_JPEG_GRAY,
  ZOO_JPEG_RGB,
  ZOO_JPEG_YCBCR,
  ZOO_JPEG_CMYK,
  ZOO_JPEG_YCCK,
  ZOO_JPEG_UNKNOWN,
} zoo_jpeg_color;

typedef struct zoo_jpeg_header {
  uint32_t width;
  uint32_t height;
  /// Bits a sample; only 8 is decoded.
  uint8_t precision;
  uint8_t channels;
  zoo_jpeg_color color;
} zoo_jpeg_header;

/// Reads up to the image data. `message` has ZOO_CODEC_MESSAGE_SIZE bytes.
zoo_codec_status zoo_png_read_header(
    const uint8_t *bytes, size_t count, zoo_png_header *header, char *message);

/// Decodes the first channel into width * height samples, and reads the file to its end.
///
/// Grey samples keep the depth of the file; all others have 8 bits: a palette's red, and the high
/// byte of 16-bit colour and of 16-bit grey with alpha.
zoo_codec_status zoo_png_read_samples(
    const uint8_t *bytes, size_t count, const zoo_png_header *header, uint16_t *samples,
    char *message);

/// Makes a PNG file of 8-bit pixels, `height` rows without gaps: the same pixels, the same bytes.
///
/// `color_type` is 0 for grey, 2 for RGB, 6 for RGB with alpha, which is not multiplied in. With
/// ZOO_CODEC_OK, `file` becomes memory that the caller `free`s; else it is left alone. `message` has
/// ZOO_CODEC_MESSAGE_SIZE bytes.
zoo_codec_status zoo_png_write(
    const uint8_t *pixels, uint32_t width, uint32_t height, uint8_t color_type, uint8_t **file,
    size_t *count, char *message);

/// Reads up to the image data. `message` has ZOO_CODEC_MESSAGE_SIZE bytes.
zoo_codec_status zoo_jpeg_read_header(
    const uint8_t *bytes, size_t count, zoo_jpeg_header *header, char *message);

/// Decodes the grey or the red channel into width * height samples, and reads the file to its end.
///
/// A file with more than `maximum_scans` scans is refused: each scan is work over the whole image.
zoo_codec_status zoo_jpeg_read_samples(
    const uint8_t *bytes, size_t count, const zoo_jpeg_header *header, int maximum_scans,
    uint16_t *samples, char *message);
