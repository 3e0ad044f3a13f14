#include "cfuzz.h"

#include <zlib.h>

static z_stream between(const uint8_t *input, size_t count, uint8_t *output, size_t room) {
  z_stream stream = {0};
  stream.next_in = (uint8_t *)input;
  stream.avail_in = (uInt)count;
  stream.next_out = output;
  stream.avail_out = (uInt)room;
  return stream;
}

size_t cfuzz_deflate(const uint8_t *input, size_t count, uint8_t *output, size_t room) {
  z_stream stream = between(input, count, output, room);
  if (deflateInit2(&stream, 6, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK) return 0;
  int status = deflate(&stream, Z_FINISH);
  deflateEnd(&stream);
  return status == Z_STREAM_END ? stream.total_out : 0;
}

size_t cfuzz_inflate(const uint8_t *input, size_t count, uint8_t *output, size_t room) {
  z_stream stream = between(input, count, output, room);
  if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) return 0;
  int status = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  return status == Z_STREAM_END ? stream.total_out : 0;
}

uint32_t cfuzz_checksum(const uint8_t *input, size_t count) {
  return (uint32_t)crc32(0, input, (uInt)count);
}
