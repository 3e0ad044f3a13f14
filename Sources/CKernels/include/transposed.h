#pragma once
// Transposed convolutions over images in blocks, by the phases of the stride.
//
// Pixel i of the image and tap k meet at stride * i + dilation * k - padding. So a tap serves only
// the results whose place modulo the stride, their phase, is its own, and there the pixel at the
// result's place over the stride plus the tap's offset. Each phase is thereby a convolution of some
// of the taps that moves by one pixel, and its results lie a stride apart.
//
// In zoo_convolution the window's stride, padding and dilation are those of the convolution that
// this is the transpose of; height and width are the image's, out_height and out_width the
// result's.

#include "blocked.h"

typedef struct {
  size_t phase;
  ptrdiff_t offset;
} zoo_meeting;

// What a tap serves along one axis.
static inline zoo_meeting zoo_meeting_of(size_t stride, size_t padding, size_t dilation,
                                         size_t tap) {
  const ptrdiff_t step = (ptrdiff_t)stride;
  const ptrdiff_t place = (ptrdiff_t)padding - (ptrdiff_t)(tap * dilation);
  const ptrdiff_t offset = place > 0 ? (place + step - 1) / step : -(-place / step);
  return (zoo_meeting){(size_t)(offset * step - place), offset};
}
static inline zoo_meeting zoo_meeting_y(const zoo_window *w, size_t tap) {
  return zoo_meeting_of(w->stride_y, w->padding_y, w->dilation_y, tap);
}
static inline zoo_meeting zoo_meeting_x(const zoo_window *w, size_t tap) {
  return zoo_meeting_of(w->stride_x, w->padding_x, w->dilation_x, tap);
}

// The window of the phases together, as a convolution that moves by one pixel: its padding are the
// pixels before the image that taps reach, its extent is how far they reach in all.
static inline zoo_window zoo_phase_window(const zoo_window *w) {
  zoo_window phases = *w;
  const ptrdiff_t top = zoo_meeting_y(w, w->window_height - 1).offset;
  const ptrdiff_t left = zoo_meeting_x(w, w->window_width - 1).offset;
  const ptrdiff_t bottom = zoo_meeting_y(w, 0).offset, right = zoo_meeting_x(w, 0).offset;
  phases.padding_y = top < 0 ? (size_t)-top : 0;
  phases.padding_x = left < 0 ? (size_t)-left : 0;
  phases.window_height = phases.padding_y + (bottom > 0 ? (size_t)bottom : 0) + 1;
  phases.window_width = phases.padding_x + (right > 0 ? (size_t)right : 0) + 1;
  phases.stride_y = phases.stride_x = phases.dilation_y = phases.dilation_x = 1;
  phases.out_height = (w->out_height + w->stride_y - 1) / w->stride_y;
  phases.out_width = (w->out_width + w->stride_x - 1) / w->stride_x;
  return phases;
}

// Bytes of scratch that convolve_transposed needs for so many steps.
static inline size_t zoo_transposed_scratch(const zoo_convolution *c, size_t steps) {
  zoo_convolution phases = *c;
  phases.window = zoo_phase_window(&c->window);
  return zoo_direct_scratch(&phases, steps);
}

// Weights [inputs][outputs][height][width] of one group for convolve_transposed: [block of outputs]
// [phase of rows][phase of columns][block of inputs][tap of the phase][16 inputs][16 outputs]; as
// bfloat16, pairs of inputs side by side as in zoo_pack_direct_bf16. Of the window its extents,
// stride, padding and dilation count.
void zoo_pack_transposed(void *out, const float *weight, const zoo_filter *filter,
                         const zoo_window *window, zoo_range blocks, bool bf16);
