#pragma once

#include <stddef.h>

// How a window moves over an image, and the image itself. Padding on the far sides is whatever the
// size of the result asks for.
typedef struct {
  size_t channels, height, width;
  size_t window_height, window_width;
  size_t stride_y, stride_x;
  size_t padding_y, padding_x;  // above and to the left
  size_t dilation_y, dilation_x;
  size_t out_height, out_width;
} zoo_window;
