#pragma once
// Images in blocks of 16 channels, [block][row][column][16], and the packed weights of
// convolutions over them. Channels that fill up the last block hold zeros where the image is finite,
// and meet weights of zero. Weights are finite: padding is multiplied with them.

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "window.h"

enum { zoo_block = 16 };

static inline size_t zoo_blocks(size_t channels) { return (channels + zoo_block - 1) / zoo_block; }

// Units first, first + 1, ... first + count - 1.
typedef struct {
  size_t first, count;
} zoo_range;

// Pixels of one block that moments_blocks takes at a time, so few that they are still in the
// nearest cache when they are read again; the last strip of a block may have fewer.
enum { zoo_strip = 256 };

static inline size_t zoo_strips(size_t plane) { return (plane + zoo_strip - 1) / zoo_strip; }

// A convolution with packed weights.
typedef struct {
  zoo_window window;  // channels: inputs of one group
  size_t groups;
  size_t outputs;  // of one group
  const void *weight;
  const float *bias;           // one for each output, zeros up to the block's end
  // Prologue: the image counts as in * scale + shift, zeros up to the block's end; null: as it is.
  const float *scale, *shift;
  bool prologue_relu;          // then max(., 0)
  bool relu;                   // result: max(., 0)
  bool bf16;                   // blocked images, in and out, are bfloat16 and not float
  // What will be read after this convolution, the weights of the next, or null: memory has little
  // to do while convolve_pointwise computes, which asks for them meanwhile.
  const void *next;
  size_t next_bytes;
} zoo_convolution;

// in * scale + shift for each channel, then max(., 0) if relu; scale null: nothing at all.
typedef struct {
  const float *scale, *shift;
  bool relu;
} zoo_affine;

typedef struct {
  zoo_window window;
  bool maximum;       // otherwise average
  zoo_affine affine;  // what happens to the image first
} zoo_pooling;

// Weights [outputs][channels][height][width] of one group as a kernel wants them, for some of the
// blocks of outputs. `out` is where the first of all blocks begins.
typedef struct {
  size_t outputs, channels, height, width;
} zoo_filter;

// For convolve_pointwise and convolve_direct: [block of outputs][block of inputs][tap][16 inputs]
// [16 outputs]; as bfloat16, pairs of inputs lie side by side: [8 pairs][16 outputs][2].
void zoo_pack_direct(float *out, const float *weight, const zoo_filter *filter, zoo_range blocks);
void zoo_pack_direct_bf16(uint16_t *out, const float *weight, const zoo_filter *filter,
                          zoo_range blocks);

// For convolve_planar: [block of outputs][channel][tap][16 outputs].
void zoo_pack_planar(float *out, const float *weight, const zoo_filter *filter, zoo_range blocks);

// For convolve_depthwise, channels = 1: [block][tap][16].
void zoo_pack_depthwise(float *out, const float *weight, const zoo_filter *filter,
                        zoo_range blocks);

// For convolve_winograd, 3x3: [36 points][block of outputs][inputs rounded up to 16][16 outputs].
void zoo_pack_winograd(float *out, const float *weight, const zoo_filter *filter,
                       zoo_range blocks);

// The padded rows of an image under some rows of a result, with columns sorted by their remainder
// modulo the stride, so that neighbouring results read neighbouring pixels whatever the stride:
// [block][row][remainder][column / stride].
typedef struct {
  size_t first_row, rows, pitch;  // pitch: columns of one remainder
} zoo_packed_rows;

static inline zoo_packed_rows zoo_rows_under(const zoo_window *w, zoo_range rows) {
  size_t reach = w->dilation_x * (w->window_width - 1);
  return (zoo_packed_rows){
      .first_row = rows.first * w->stride_y,
      .rows = (rows.count - 1) * w->stride_y + w->dilation_y * (w->window_height - 1) + 1,
      .pitch = w->out_width + reach / w->stride_x,
  };
}

// Tiles of 4x4 results that Winograd's method cuts a result into, for each remainder of the pixels
// modulo the dilation.
static inline size_t zoo_winograd_tiles(const zoo_window *w) {
  size_t rows = (w->out_height + w->dilation_y - 1) / w->dilation_y;
  size_t columns = (w->out_width + w->dilation_x - 1) / w->dilation_x;
  return w->dilation_y * w->dilation_x * ((rows + 3) / 4) * ((columns + 3) / 4);
}

// As many tiles as one call of convolve_winograd best takes.
enum { zoo_winograd_tiles_at_once = 14 };

// Bytes of scratch that a call of each kernel needs at most.
static inline size_t zoo_pointwise_scratch(const zoo_convolution *c) {
  enum { most_tile_pixels = 14 };
  return zoo_blocks(c->window.channels) * zoo_block * most_tile_pixels * sizeof(float);
}
static inline size_t zoo_direct_scratch(const zoo_convolution *c, size_t rows) {
  zoo_packed_rows packed = zoo_rows_under(&c->window, (zoo_range){0, rows});
  return zoo_blocks(c->window.channels) * zoo_block * packed.rows * c->window.stride_x *
         packed.pitch * (c->bf16 ? 2 : 4);
}
static inline size_t zoo_planar_scratch(const zoo_convolution *c, size_t rows) {
  zoo_packed_rows packed = zoo_rows_under(&c->window, (zoo_range){0, rows});
  return c->window.channels * packed.rows * c->window.stride_x * packed.pitch * sizeof(float);
}
static inline size_t zoo_winograd_scratch(const zoo_convolution *c, size_t tiles) {
  return 36 * tiles * (zoo_blocks(c->window.channels) + zoo_blocks(c->outputs)) * zoo_block *
         sizeof(float);
}

// The bfloat16 nearest to a number, ties to even; NaN stays NaN.
uint16_t zoo_bf16(float value);
float zoo_f32(uint16_t value);
