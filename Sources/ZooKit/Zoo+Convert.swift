import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

extension Zoo {
  /// How a file is converted.
  public struct ConversionOptions: Sendable {
    /// The architecture to take; nil recognises it.
    public var architecture: String?
    /// Where in a checkpoint's dictionaries the tensors lie, such as `ema` or `model/encoder`; nil
    /// finds the only place that holds any.
    public var key: String?
    /// The type to store real floating-point numbers in; nil keeps the file's.
    ///
    /// Rounding is to nearest even. A tensor with a number that would become infinite keeps its
    /// type, as the variances of images in -1024...1024 often must in float16. Whole numbers, truth
    /// values and complex numbers always keep theirs.
    public var dtype: DType?
    /// Whether to write plain safetensors, whatever the tensors belong to.
    public var isPlain: Bool
    /// Shapes of an ONNX model's inputs, by name, for which to try it; the model's own where it
    /// fixes them.
    public var inputShapes: [String: Shape]

    /// Creates options; what is left out is recognised, and kept as it is.
    public init(
      architecture: String? = nil, key: String? = nil, dtype: DType? = nil, isPlain: Bool = false,
      inputShapes: [String: Shape] = [:]
    ) {
      self.architecture = architecture
      self.key = key
      self.dtype = dtype
      self.isPlain = isPlain
      self.inputShapes = inputShapes
    }
  }

  /// Converts a weight file to a native file, or to plain safetensors where its tensors belong to
  /// no known network.
  ///
  /// Tensors of which at least half of a known network's parameters are there by name are a near
  /// miss: that is an error, unless plain safetensors are asked for.
  ///
  /// - Parameters:
  ///   - path: a PyTorch checkpoint, a safetensors file or an ONNX model; its content decides. A native file keeps
  ///     what it says of its model.
  ///   - output: the file to write; the source with the extension `.safetensors` where nil.
  ///   - model: the published model that it is: gives labels, operating points and the rest.
  ///   - options: architecture, place, type.
  /// - Returns: what was written where, and from what.
  /// - Throws: an error that names the file and the reason; nothing is left half-written.
  @discardableResult
  public func convert(
    _ path: String, to output: String? = nil, as model: String? = nil,
    options: ConversionOptions = .init()
  ) throws -> Conversion {
    let entry = try model.map { try manifest.entry(named: $0) }
    let foreign = try ForeignFile(path: path, key: options.key)
    let beside = URL(fileURLWithPath: path).deletingPathExtension().relativePath + ".safetensors"
    let url = try Destination(output ?? beside, inputs: [path]).url
    if options.isPlain {
      return try writePlain(foreign, to: url, dtype: options.dtype, because: nil)
    }
    switch try FileContent(
      of: foreign.listing, in: catalog, architecture: options.architecture,
      expecting: options.architecture == nil ? entry?.architecture : nil)
    {
    case .weights(let weights):
      return try write(weights, of: foreign, to: url, as: entry, dtype: options.dtype)
    case .graph(let model):
      if entry != nil {
        throw ZooError.graphIsNoArchitecture(file: path, architecture: entry?.name ?? "")
      }
      return try write(model, of: foreign, to: url, options)
    case .tensors(let reason):
      let isNamed = entry != nil || options.architecture != nil
      if isNamed || reason.isNearMiss { throw reason }
      return try writePlain(foreign, to: url, dtype: options.dtype, because: reason)
    }
  }

  /// Writes the native file of a plugin's network; `digest` is the source's SHA-256, where it is
  /// known already.
  func write(
    _ weights: RecognizedWeights, of foreign: ForeignFile, to url: URL, as entry: ManifestEntry?,
    digest: String? = nil, dtype: DType? = nil
  ) throws -> Conversion {
    let digest = try digest ?? (mayBePublished(foreign.path) ? fileDigest(foreign.path) : nil)
    // A file whose bytes are those of a published one is that model, whoever asks.
    let entry =
      try entry
      ?? digest.flatMap { digest in
        try manifest.entries.first { $0.source.sha256 == digest }
      }
    try entry?.check(weights, file: foreign.path)
    // A native file says itself which model it is.
    let own = try foreign.description
    if let entry { try check(foreign, digest: digest, is: entry) }
    let network = Conversion.Network(
      architecture: weights.architecture.id, configuration: weights.configuration,
      description: try entry?.model ?? own ?? weights.description(of: foreign))
    let unnamed = (
      "labels", "none known, the outputs are numbered; --as MODEL takes a published model's"
    )
    return try write(
      network, TensorsToStore(foreign.parameters(of: weights), as: dtype), of: foreign, to: url,
      digest: digest, address: entry.flatMap { $0.source.sha256 == digest ? $0.source.url : nil },
      facts: foreign.facts + (entry == nil && own == nil ? [unnamed] : []))
  }

  /// Writes a native file of any network; `address` is where the source was published.
  func write(
    _ network: Conversion.Network, _ tensors: TensorsToStore, of foreign: ForeignFile, to url: URL,
    digest: String? = nil, address: String? = nil, facts: [(name: String, value: String)]
  ) throws -> Conversion {
    let path = foreign.path
    // A native file says itself where it came from.
    let own = foreign.listing.profile?.source
    let source = WeightProfile.Source(
      url: address, sha256: digest ?? "", kind: foreign.listing.kind,
      name: URL(fileURLWithPath: path).lastPathComponent)
    let isUnknown = own == nil && digest == nil
    let written = try WeightFile.write(
      WeightProfile(
        architecture: .init(id: network.architecture, configuration: network.configuration),
        model: network.description?.json ?? .object(["name": .string(foreign.modelName)]),
        source: own ?? source),
      tensors: tensors.stored, to: url,
      sourceDigest: isUnknown ? { @Sendable in try fileDigest(path) } : nil)
    return Conversion(
      output: url, sourceKind: (own ?? source).kind, network: network,
      tensors: tensors.report(written), byteCount: written.byteCount,
      sourceDigest: written.sourceDigest, facts: facts)
  }

  /// Writes names and values as other programs do, without a word of ours; `reason` is why it is no
  /// native file, or nil where that was asked for.
  private func writePlain(
    _ foreign: ForeignFile, to url: URL, dtype: DType?, because reason: ZooError?
  ) throws -> Conversion {
    let names = foreign.listing.tensors.map(\.name)
    let tensors = TensorsToStore(Array(zip(names, foreign.tensors)), as: dtype)
    // Transformers refuses files that do not say which program's tensors they hold.
    let metadata = foreign.listing.metadata.merging(["format": "pt"]) { own, _ in own }
    let written = try SafetensorsFile.write(tensors.stored, metadata: metadata, to: url)
    let why = reason == nil ? "" : "the tensors belong to no known architecture; "
    let fact = "\(why)other programs can load this file, zoo run cannot run it"
    return Conversion(
      output: url, sourceKind: foreign.listing.kind, network: nil,
      tensors: tensors.report(written), byteCount: written.byteCount, sourceDigest: nil,
      facts: foreign.facts + [("plain safetensors", fact)])
  }

  /// Refuses a file of another published model: what differs between two models of one configuration
  /// may be their labels alone, which would stand beside the other's numbers.
  ///
  /// - Parameters:
  ///   - file: a native file, which says its name, or a checkpoint.
  ///   - digest: the file's SHA-256, where it is known.
  ///   - entry: what it is taken for.
  /// - Throws: `ZooError`, or an error about the manifest or the file's own description.
  func check(_ file: ForeignFile, digest: String? = nil, is entry: ManifestEntry) throws {
    let manifest = try manifest
    let said = try file.description.flatMap { try? manifest.entry(named: $0.name) }
    let published = digest.map { digest in
      manifest.entries.filter { $0.source.sha256 == digest }
    }
    for known in [said.map { [$0] }, published] {
      guard let other = known?.first, known?.contains(where: { $0.name == entry.name }) == false
      else { continue }
      throw ZooError.otherModel(file: file.path, model: entry.name, found: other.name)
    }
  }

  /// Whether a file is as large as one whose digest the manifest knows: only then must the digest be
  /// known before anything is written.
  private func mayBePublished(_ path: String) throws -> Bool {
    var status = stat()
    guard stat(path, &status) == 0 else { return false }
    return try manifest.entries.contains { entry in
      entry.source.sha256 != nil
        && (entry.source.byteCount.map { $0 == Int(status.st_size) } ?? true)
    }
  }
}

extension ForeignFile {
  /// What a reader of the conversion should know of the source.
  fileprivate var facts: [(name: String, value: String)] {
    // The longest lists of names that are told.
    let (mostGroups, mostNames) = (4, 4)
    let tied = tied
    let told = tied.prefix(mostGroups).map { names in
      names.prefix(mostNames).joined(separator: ", ")
        + (names.count > mostNames ? " and \(names.count - mostNames) more" : "")
    }
    return listing.facts
      + told.map { ("tied", "\($0) share values in the source; each is written whole") }
      + (tied.count > mostGroups ? [("tied", "\(tied.count - mostGroups) more groups do")] : [])
  }
}

extension ManifestEntry {
  /// Checks that a file's network is the one that the entry describes.
  func check(_ weights: RecognizedWeights, file: String) throws(ZooError) {
    guard architecture.id == weights.architecture.id else {
      throw .otherArchitecture(
        file: file, model: name, expected: architecture.id, found: weights.architecture.id)
    }
    if let expected = architecture.configuration, expected != weights.configuration {
      throw .otherConfiguration(
        file: file, model: name, expected: expected, found: weights.configuration)
    }
  }
}
