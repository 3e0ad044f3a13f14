import Foundation
import GraphIR
import Synchronization

extension WeightFile {
  /// Bytes that a tensor's name may have; longer ones are mistakes.
  static let nameLimit = 1024

  /// Writes a native file; a file of that name is replaced, at once and only on success.
  ///
  /// The same profile and tensors give the same bytes, in whatever order the tensors come. The data
  /// goes to a temporary file in the same folder, is synced, and renamed; the temporary file is
  /// removed when anything fails. Values are rounded, hashed and written in blocks, on a few
  /// threads, so that hardly any memory is taken beside the tensors'.
  ///
  /// - Parameters:
  ///   - profile: what the file says about the tensors.
  ///   - tensors: the tensors.
  ///   - url: the destination, in a folder that exists.
  ///   - sourceDigest: where the source's SHA-256 is not known yet: finds it while the tensors are
  ///     written, in place of the digits in `profile`.
  /// - Returns: what was written.
  /// - Throws: `WeightFileError`, or what `sourceDigest` throws.
  @discardableResult
  public static func write(
    _ profile: WeightProfile, tensors: [TensorToWrite], to url: URL,
    sourceDigest: (@Sendable () throws -> String)? = nil
  ) throws -> SafetensorsFile.Written {
    var profile = profile
    if sourceDigest != nil { profile.source.sha256 = HeaderDigest.placeholder }
    // All digests have one length, and so the header is as long as it will be.
    let placeholders = Dictionary(
      tensors.map { ($0.name, HeaderDigest.placeholder) }, uniquingKeysWith: { $1 })
    let layout: FileLayout
    do {
      // What cannot be read back must not be written: numbers that are not finite, too deep nesting.
      _ = try WeightProfile.parse(profile.json(tensorDigests: placeholders).text)
      layout = try FileLayout(tensors, metadata: profile.metadata(tensorDigests: placeholders))
    } catch {
      throw WeightFileError(file: url.path, problem: error)
    }
    let output = try AtomicFile(replacing: url)
    defer { output.discard() }
    let found = Mutex<String?>(nil)
    let written = try layout.writeTensors(
      to: output, digesting: true,
      meanwhile: sourceDigest.map { digest in
        { @Sendable in
          let digits = try digest()
          found.withLock { $0 = digits }
        }
      })
    if let digits = found.withLock({ $0 }) {
      precondition(isSHA256(digits), "a source digest that is none")
      profile.source.sha256 = digits
    }
    var header = layout.lengthAndHeader(
      metadata: profile.metadata(tensorDigests: written.digests))
    let digest = header.withUnsafeBytes { HeaderDigest.of($0) }
    header.replaceSubrange(HeaderDigest.range, with: digest.utf8)
    try header.withUnsafeBytes { try output.write($0, at: 0) }
    try output.commit()
    return .init(
      byteCount: layout.byteCount, roundings: written.roundings,
      sourceDigest: profile.source.sha256)
  }
}

extension WeightProfile {
  /// `__metadata__` of a native file, with zeros for the header's digest.
  fileprivate func metadata(tensorDigests: [String: String]) -> String {
    let text = JSONValue.string(json(tensorDigests: tensorDigests).text).text
    return "{\"\(HeaderDigest.key)\":\"\(HeaderDigest.placeholder)\",\"\(Self.key)\":\(text)}"
  }
}
