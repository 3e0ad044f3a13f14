// Weights in the order in which the kernels read them: the same for every instruction set.

#include <string.h>

#include "blocked.h"

uint16_t zoo_bf16(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  if (value != value) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float zoo_f32(uint16_t value) {
  uint32_t bits = (uint32_t)value << 16;
  float result;
  memcpy(&result, &bits, sizeof result);
  return result;
}

static size_t outputs_of(const zoo_filter *f, size_t block) {
  size_t rest = f->outputs - block * zoo_block;
  return rest < zoo_block ? rest : zoo_block;
}

void zoo_pack_direct(float *out, const float *weight, const zoo_filter *f, zoo_range blocks) {
  const size_t taps = f->height * f->width, inputs = zoo_blocks(f->channels) * zoo_block;
  for (size_t b = blocks.first; b < blocks.first + blocks.count; b++) {
    float *to = out + b * inputs * taps * zoo_block;
    if (outputs_of(f, b) < zoo_block || f->channels < inputs)
      memset(to, 0, inputs * taps * zoo_block * sizeof *to);
    for (size_t o = 0; o < outputs_of(f, b); o++) {
      const float *from = weight + (b * zoo_block + o) * f->channels * taps;
      for (size_t i = 0; i < f->channels; i++)
        for (size_t t = 0; t < taps; t++)
          to[((i / zoo_block * taps + t) * zoo_block + i % zoo_block) * zoo_block + o] =
              from[i * taps + t];
    }
  }
}

void zoo_pack_direct_bf16(uint16_t *out, const float *weight, const zoo_filter *f,
                          zoo_range blocks) {
  const size_t taps = f->height * f->width, inputs = zoo_blocks(f->channels) * zoo_block;
  for (size_t b = blocks.first; b < blocks.first + blocks.count; b++) {
    uint16_t *to = out + b * inputs * taps * zoo_block;
    if (outputs_of(f, b) < zoo_block || f->channels < inputs)
      memset(to, 0, inputs * taps * zoo_block * sizeof *to);
    for (size_t o = 0; o < outputs_of(f, b); o++) {
      const float *from = weight + (b * zoo_block + o) * f->channels * taps;
      for (size_t i = 0; i < f->channels; i++)
        for (size_t t = 0; t < taps; t++) {
          size_t pair = (i / zoo_block * taps + t) * (zoo_block / 2) + i % zoo_block / 2;
          to[(pair * zoo_block + o) * 2 + i % 2] = zoo_bf16(from[i * taps + t]);
        }
    }
  }
}

void zoo_pack_planar(float *out, const float *weight, const zoo_filter *f, zoo_range blocks) {
  const size_t taps = f->channels * f->height * f->width;
  for (size_t b = blocks.first; b < blocks.first + blocks.count; b++)
    for (size_t t = 0; t < taps; t++)
      for (size_t o = 0; o < zoo_block; o++)
        out[(b * taps + t) * zoo_block + o] =
            o < outputs_of(f, b) ? weight[(b * zoo_block + o) * taps + t] : 0;
}

void zoo_pack_depthwise(float *out, const float *weight, const zoo_filter *f, zoo_range blocks) {
  zoo_filter plain = *f;
  plain.channels = 1;
  zoo_pack_planar(out, weight, &plain, blocks);
}

// G g: three taps to six points; see winograd.inc for the points. Every row is the polynomial's
// value there over the product of its distances to the others.
static void filter_to_points(const double g[3], double out[6]) {
  const double a = 0.70710678118654752440, b = 1.41421356237309504880;
  const double at_a = 1 / (2 * a * a * (a * a - b * b)), at_b = 1 / (2 * b * b * (b * b - a * a));
  out[0] = g[0];
  out[1] = at_a * (g[0] + a * g[1] + a * a * g[2]);
  out[2] = at_a * (g[0] - a * g[1] + a * a * g[2]);
  out[3] = at_b * (g[0] + b * g[1] + b * b * g[2]);
  out[4] = at_b * (g[0] - b * g[1] + b * b * g[2]);
  out[5] = g[2];
}

void zoo_pack_winograd(float *out, const float *weight, const zoo_filter *f, zoo_range blocks) {
  const size_t inputs = zoo_blocks(f->channels) * zoo_block;
  const size_t point = zoo_blocks(f->outputs) * inputs * zoo_block;
  for (size_t b = blocks.first; b < blocks.first + blocks.count; b++)
    for (size_t i = 0; i < inputs; i++) {
      // Points outermost, so that stores of neighbouring outputs join.
      float points[36][zoo_block] = {0};
      for (size_t o = 0; o < outputs_of(f, b) && i < f->channels; o++) {
        const float *g = weight + ((b * zoo_block + o) * f->channels + i) * 9;
        double half[3][6];
        for (int row = 0; row < 3; row++)
          filter_to_points((double[]){g[row * 3], g[row * 3 + 1], g[row * 3 + 2]}, half[row]);
        for (int x = 0; x < 6; x++) {
          double column[6];
          filter_to_points((double[]){half[0][x], half[1][x], half[2][x]}, column);
          for (int y = 0; y < 6; y++) points[y * 6 + x][o] = (float)column[y];
        }
      }
      for (size_t p = 0; p < 36; p++)
        memcpy(out + p * point + (b * inputs + i) * zoo_block, points[p], sizeof points[p]);
    }
}
