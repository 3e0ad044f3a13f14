import Dispatch
import Foundation
import GraphIR

/// A native weight file: mapped, checked, and its tensors ready to use.
///
/// The format is safetensors with a profile and digests in its metadata, so that a change of any
/// single byte is noticed; `Format.md` is its specification. The tensors are views of the mapping:
/// loading copies nothing, and the mapping goes when the last tensor does.
///
/// A file must be replaced by `rename`, never written into, while somebody has it open: a mapping
/// shows later changes, which nobody checks, and a truncated file ends the process.
public struct WeightFile: Sendable {
  /// How much of a file is checked when it is opened.
  public enum Verification: Sendable {
    /// Structure, profile, and the digests of the header and of every tensor.
    case everything
    /// All of that but the digests of the tensors, for callers that use none of the values.
    case header
  }

  /// What the file says about its tensors.
  public let profile: WeightProfile
  /// The names of the tensors in the order of their bytes.
  public let names: [String]
  /// The tensors by name.
  public let tensors: [String: Tensor]

  /// Maps and checks a file.
  ///
  /// - Parameters:
  ///   - url: a local file.
  ///   - verification: how much is checked.
  /// - Throws: `WeightFileError`; its problem is `.noProfile` for a sound safetensors file that
  ///   another program wrote.
  public init(contentsOf url: URL, verifying verification: Verification = .everything) throws {
    let storage = try mapFile(url)
    do {
      try self.init(storage, verifying: verification)
    } catch {
      throw WeightFileError(file: url.path, problem: error)
    }
  }

  private init(
    _ storage: ByteStorage, verifying verification: Verification
  ) throws(WeightFileError.Problem) {
    let file = storage.bytes
    try Self.checkHeaderDigest(file)
    let header = try SafetensorsHeader(file: file)
    guard HeaderDigest.isAnnounced(in: file), let text = header.metadata[WeightProfile.key] else {
      let isNative =
        [WeightProfile.key, HeaderDigest.key].contains { header.metadata[$0] != nil }
      throw isNative ? .headerChanged : .noProfile
    }
    let (profile, digests) = try WeightProfile.parse(text)
    try Self.checkDigestNames(digests, header.entries)
    if verification == .everything {
      try Self.checkTensorDigests(digests, header.entries, in: file)
    }
    self.profile = profile
    names = header.entries.map(\.name)
    tensors = Dictionary(
      uniqueKeysWithValues: header.entries.map { entry in
        let tensor = Tensor(
          dtype: entry.dtype, shape: entry.shape, storage: storage,
          byteOffset: entry.byteRange.lowerBound)
        return (entry.name, tensor)
      })
  }

  /// Checks the header's digest before the header is believed; does nothing to foreign files.
  private static func checkHeaderDigest(
    _ file: UnsafeRawBufferPointer
  ) throws(WeightFileError.Problem) {
    let end = try SafetensorsHeader.dataOffset(of: file)
    guard HeaderDigest.isAnnounced(in: file) else { return }
    guard end >= HeaderDigest.range.upperBound,
      file[HeaderDigest.range].elementsEqual(
        HeaderDigest.of(UnsafeRawBufferPointer(rebasing: file[..<end])).utf8)
    else { throw .headerChanged }
  }

  private static func checkDigestNames(
    _ digests: [String: String], _ entries: [SafetensorsHeader.Entry]
  ) throws(WeightFileError.Problem) {
    if let entry = entries.first(where: { digests[$0.name] == nil }) {
      throw .noDigest(tensor: entry.name)
    }
    if digests.count != entries.count {
      let present = Set(entries.map(\.name))
      let extra = digests.keys.filter { !present.contains($0) }.min() ?? ""
      throw .noTensor(digest: extra)
    }
  }

  private static func checkTensorDigests(
    _ digests: [String: String], _ entries: [SafetensorsHeader.Entry],
    in file: UnsafeRawBufferPointer
  ) throws(WeightFileError.Problem) {
    // The largest first, so that no thread is left with a long one while the others are done.
    let order = entries.indices.sorted { entries[$0].byteRange.count > entries[$1].byteRange.count }
    let sound = [Bool](unsafeUninitializedCapacity: entries.count) { sound, count in
      // Each iteration writes one element of its own.
      nonisolated(unsafe) let sound = sound
      nonisolated(unsafe) let file = file
      DispatchQueue.concurrentPerform(iterations: entries.count) { turn in
        let index = order[turn]
        let entry = entries[index]
        let digest = sha256(of: UnsafeRawBufferPointer(rebasing: file[entry.byteRange]))
        sound.initializeElement(at: index, to: digest == digests[entry.name])
      }
      count = entries.count
    }
    if let index = sound.firstIndex(of: false) { throw .tensorChanged(entries[index].name) }
  }
}
