/// What a file may ask for before its content is believed.
package enum DecodingLimits {
  /// The longest side in pixels; detectors have at most some ten thousand.
  package static let maximumSide = 32_768

  /// The most pixels in all.
  ///
  /// Samples and pixels of such an image take 384 MiB, and the coefficients of a progressive colour
  /// JPEG as much again.
  package static let maximumPixels = 8192 * 8192

  /// The largest file that is read into memory: as large as 16-bit RGBA of the most pixels.
  package static let maximumFileBytes = maximumPixels * 8

  /// The most scans of a JPEG: encoders write some ten, and each is work over the whole image.
  package static let maximumJPEGScans = 100

  /// The most pixels that one byte of a JPEG can stand for: the first scan has at least a bit for
  /// each block of 64, so a small file that claims a large image is refused before the decoder
  /// reserves its coefficients. (Arithmetic coding could do with less, for a picture of nothing.)
  package static let maximumJPEGPixelsPerByte = 512

  /// The most that deflate can shrink: one byte of a PNG's file stands for at most this many of
  /// its rows, so a small file that claims a large image is refused before memory is reserved.
  package static let maximumDeflateRatio = 1032
}
