// Weights of transposed convolutions, phase by phase.

#include <string.h>

#include "transposed.h"

typedef struct {
  const float *weight;
  const zoo_filter *filter;
  size_t block;
  bool bf16;
} source;

// One tap of one block of inputs, [16 inputs][16 outputs] or pairs.
static void *pack_tap(void *out, source s, size_t in_block, size_t tap) {
  const zoo_filter *f = s.filter;
  const size_t taps = f->height * f->width;
  float *floats = out;
  uint16_t *halves = out;
  for (size_t i = 0; i < zoo_block; i++)
    for (size_t o = 0; o < zoo_block; o++) {
      const size_t input = in_block * zoo_block + i, output = s.block * zoo_block + o;
      const bool exists = input < f->channels && output < f->outputs;
      const float value = exists ? s.weight[(input * f->outputs + output) * taps + tap] : 0;
      if (s.bf16) halves[(i / 2 * zoo_block + o) * 2 + i % 2] = zoo_bf16(value);
      else floats[i * zoo_block + o] = value;
    }
  return (char *)out + zoo_block * zoo_block * (s.bf16 ? 2 : 4);
}

void zoo_pack_transposed(void *out, const float *weight, const zoo_filter *f, const zoo_window *w,
                         zoo_range blocks, bool bf16) {
  const size_t taps = f->height * f->width, in_blocks = zoo_blocks(f->channels);
  const size_t block_bytes = in_blocks * taps * zoo_block * zoo_block * (bf16 ? 2 : 4);
  for (size_t b = blocks.first; b < blocks.first + blocks.count; b++) {
    void *to = (char *)out + b * block_bytes;
    const source from = {weight, f, b, bf16};
    for (size_t phase_y = 0; phase_y < w->stride_y; phase_y++)
      for (size_t phase_x = 0; phase_x < w->stride_x; phase_x++)
        for (size_t i = 0; i < in_blocks; i++)
          for (size_t t = 0; t < taps; t++)
            if (zoo_meeting_y(w, t / f->width).phase == phase_y &&
                zoo_meeting_x(w, t % f->width).phase == phase_x)
              to = pack_tap(to, from, i, t);
  }
}
