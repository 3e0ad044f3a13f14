import CImageCodecs

/// Calls into the C codecs, and their failures as errors.
enum Codec {
  /// Runs one call with a buffer for the codec's own words.
  static func run(
    container: ImageContainer, name: String,
    _ call: (UnsafeMutablePointer<CChar>) -> zoo_codec_status
  ) throws(ImageError) {
    var message = [CChar](repeating: 0, count: Int(ZOO_CODEC_MESSAGE_SIZE))
    let status = message.withUnsafeMutableBufferPointer { buffer in
      buffer.baseAddress.map(call) ?? ZOO_CODEC_DAMAGED
    }
    if status == ZOO_CODEC_OK { return }
    let words = String(
      decoding: message.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    switch status {
    case ZOO_CODEC_TRUNCATED: throw ImageError(name, .truncated(container))
    case ZOO_CODEC_UNSUPPORTED: throw ImageError(name, .unsupportedEncoding(container, words))
    case ZOO_CODEC_FAILED: throw ImageError(name, .notEncoded(container, words))
    default: throw ImageError(name, .damaged(container, words))
    }
  }

  /// Reserves the samples and has them filled; the memory is left untouched before that.
  static func samples(
    count: Int, fill: (UnsafeMutablePointer<UInt16>) throws(ImageError) -> Void
  ) throws(ImageError) -> [UInt16] {
    var failure: ImageError?
    let samples = [UInt16](unsafeUninitializedCapacity: count) { buffer, initialized in
      guard let start = buffer.baseAddress else { return }
      do throws(ImageError) {
        try fill(start)
        initialized = count
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    return samples
  }
}
