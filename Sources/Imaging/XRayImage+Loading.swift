import Foundation

extension XRayImage {
  /// Reads a PNG or JPEG file; the content decides the format, not the name.
  ///
  /// PNG: 1, 2, 4, 8 and 16 bits; grey, grey with alpha, RGB, RGBA and palette; interlaced or not.
  /// JPEG: grey and YCbCr or RGB, baseline and progressive.
  ///
  /// The values are those of torchxrayvision's `load_image`: of colours the first channel, alpha
  /// ignored, no gamma, no EXIF orientation, 16-bit colours cut to their high byte. Where it
  /// fails, or gives nonsense, the bit depth is the scale: 16-bit grey over 65535, and 1-bit grey
  /// becomes -1024 and 1024. Damaged and truncated files are errors, never half an image.
  ///
  /// - Parameter url: a file; at most 8192 x 8192 pixels in all, 32768 a side.
  /// - Throws: `ImageError`.
  public init(contentsOf url: URL) throws(ImageError) {
    guard url.isFileURL else { throw ImageError(url.absoluteString, .notAFile) }
    try self.init(path: url.path, name: url.relativePath)
  }

  /// Reads a PNG or JPEG file, as `init(contentsOf:)` does; the path becomes the name.
  ///
  /// - Throws: `ImageError`.
  public init(path: String) throws(ImageError) {
    try self.init(path: path, name: path)
  }

  /// Reads a PNG or JPEG file that is in memory, as `init(contentsOf:)` does.
  ///
  /// - Parameters:
  ///   - data: the bytes of the file.
  ///   - name: how messages call the image.
  /// - Throws: `ImageError`.
  public init(data: Data, name: String) throws(ImageError) {
    let decoded = data.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try DecodedImage(bytes: bytes, name: name) }
    }
    self.init(name: name, decoded: try decoded.get())
  }

  private init(path: String, name: String) throws(ImageError) {
    let file = try FileBytes.read(path: path, name: name)
    let decoded = file.withUnsafeBytes { bytes in
      Result { () throws(ImageError) in try DecodedImage(bytes: bytes, name: name) }
    }
    self.init(name: name, decoded: try decoded.get())
  }
}
