// The oracle: every kernel as plainly as it can be written. Its speed does not matter.

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "kernels.h"

static inline float activate(float x, bool relu) { return relu && x < 0 ? 0 : x; }

static void channel_affine(float *out, const float *in, const float *scale, const float *shift,
                           size_t channels, size_t plane, bool relu) {
  for (size_t c = 0; c < channels; c++)
    for (size_t p = 0; p < plane; p++)
      out[c * plane + p] = activate(in[c * plane + p] * scale[c] + shift[c], relu);
}

static void add_bias(float *c, const float *bias, size_t rows, size_t columns, size_t row_stride,
                     bool relu) {
  for (size_t r = 0; r < rows; r++)
    for (size_t x = 0; x < columns; x++) {
      float *at = c + r * row_stride + x;
      *at = activate(bias ? *at + bias[r] : *at, relu);
    }
}

// The image's value under one tap, or `outside` where the tap meets padding. Unsigned arithmetic
// wraps below zero, so one comparison a side tells inside from outside.
static float tap(const float *in, const zoo_window *w, size_t c, size_t oy, size_t ox, size_t ky,
                 size_t kx, float outside) {
  size_t y = oy * w->stride_y + ky * w->dilation_y - w->padding_y;
  size_t x = ox * w->stride_x + kx * w->dilation_x - w->padding_x;
  return y < w->height && x < w->width ? in[(c * w->height + y) * w->width + x] : outside;
}

static void max_pool(float *out, const float *in, const zoo_window *w, size_t first_row,
                     size_t rows) {
  for (size_t c = 0; c < w->channels; c++)
    for (size_t oy = first_row; oy < first_row + rows; oy++)
      for (size_t ox = 0; ox < w->out_width; ox++) {
        float best = -__builtin_inff();
        for (size_t ky = 0; ky < w->window_height; ky++)
          for (size_t kx = 0; kx < w->window_width; kx++) {
            float value = tap(in, w, c, oy, ox, ky, kx, -__builtin_inff());
            // NaN wins over everything, as in PyTorch; of equals the first stays.
            if (value > best || value != value) best = value;
          }
        out[(c * w->out_height + oy) * w->out_width + ox] = best;
      }
}

static void average_pool(float *out, const float *in, const zoo_window *w, size_t first_row,
                         size_t rows) {
  for (size_t c = 0; c < w->channels; c++)
    for (size_t oy = first_row; oy < first_row + rows; oy++)
      for (size_t ox = 0; ox < w->out_width; ox++) {
        float sum = 0;
        for (size_t ky = 0; ky < w->window_height; ky++)
          for (size_t kx = 0; kx < w->window_width; kx++)
            sum += tap(in, w, c, oy, ox, ky, kx, 0);
        out[(c * w->out_height + oy) * w->out_width + ox] =
            sum / (float)(w->window_height * w->window_width);
      }
}

static void plane_mean(float *out, const float *in, size_t channels, size_t plane) {
  for (size_t c = 0; c < channels; c++) {
    double sum = 0;
    for (size_t p = 0; p < plane; p++) sum += in[c * plane + p];
    out[c] = (float)(sum / (double)plane);
  }
}

static void im2col(float *out, const float *in, const zoo_window *w, size_t first_row,
                   size_t rows) {
  for (size_t c = 0; c < w->channels; c++)
    for (size_t ky = 0; ky < w->window_height; ky++)
      for (size_t kx = 0; kx < w->window_width; kx++)
        for (size_t oy = first_row; oy < first_row + rows; oy++)
          for (size_t ox = 0; ox < w->out_width; ox++) *out++ = tap(in, w, c, oy, ox, ky, kx, 0);
}

static void gemm(float *c, size_t ldc, const float *a, size_t lda, const float *b, size_t ldb,
                 size_t m, size_t n, size_t k) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < n; j++) {
      double sum = 0;
      for (size_t l = 0; l < k; l++) sum += (double)a[i * lda + l] * b[l * ldb + j];
      c[i * ldc + j] = (float)sum;
    }
}

static void multiply_matrices(float *out, const float *a, const float *packed,
                              const zoo_matrix_product *m, void *scratch) {
  (void)scratch;
  for (size_t r = 0; r < m->rows; r++)
    for (size_t c = 0; c < m->columns; c++) {
      const float *column = packed + c / zoo_block * zoo_panel(m->terms) + c % zoo_block;
      double sum = m->adds ? out[r * m->out_row + c] : 0;
      for (size_t t = 0; t < m->terms; t++)
        sum += (double)a[r * m->a_row + t] * column[t * zoo_block];
      out[r * m->out_row + c] = (float)sum;
    }
}

static void linear(float *out, const float *in, const float *weight, const float *bias,
                   size_t out_features, size_t in_features) {
  for (size_t o = 0; o < out_features; o++) {
    double sum = bias[o];
    for (size_t i = 0; i < in_features; i++) sum += (double)weight[o * in_features + i] * in[i];
    out[o] = (float)sum;
  }
}

static float multiply_add_chain(size_t iterations) {
  float chains[12 * 16] = {0}, sum = 0;
  for (size_t i = 0; i < iterations; i++)
    for (int chain = 0; chain < 12 * 16; chain++) chains[chain] = chains[chain] * 0.999f + 1;
  for (int chain = 0; chain < 12 * 16; chain++) sum += chains[chain];
  return sum;
}

#include "scalar_blocks.inc"
#include "scalar_elementwise.inc"
#include "scalar_images.inc"

#define ZOO_VARIANT scalar
#include "table.inc"
