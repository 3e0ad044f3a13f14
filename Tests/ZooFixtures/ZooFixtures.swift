import Foundation

/// The files of `tools/fixtures/models.py`, and folders to work in.
public enum ZooFixtures {
  /// The path of a fixture.
  public static func path(_ name: String) -> String {
    let folder = Bundle.module.resourceURL ?? Bundle.module.bundleURL
    return folder.appendingPathComponent("Files").appendingPathComponent(name).path
  }

  /// What the reference answers.
  public static func answers() throws -> Answers {
    let data = try Data(contentsOf: URL(fileURLWithPath: path("expected.json")))
    return try JSONDecoder().decode(Answers.self, from: data)
  }

  /// What the tensors in `conversions` become.
  public static func conversions() throws -> ConversionAnswers {
    let data = try Data(contentsOf: URL(fileURLWithPath: path("conversions/expected.json")))
    return try JSONDecoder().decode(ConversionAnswers.self, from: data)
  }
}

/// What torchxrayvision and PyTorch answer; lists hold both images' values one after the other.
public struct Answers: Decodable, Sendable {
  /// One model's outputs for both images.
  public struct Outputs: Decodable, Sendable {
    /// The class scores.
    public let logits: [Float]
    /// The pooled vector.
    public let features: [Float]
    /// The map before pooling.
    public let featureMap: [Float]?
    /// The logistic function of the scores.
    public let probability: [Float]
    /// The probabilities after `op_norm`.
    public let calibrated: [Float]
  }

  /// A tensor as PyTorch holds it: little-endian float32.
  public struct Values: Decodable, Sendable {
    /// The extents.
    public let shape: [Int]
    private let base64: String
    /// The bytes.
    public var bytes: Data { Data(base64Encoded: base64) ?? Data() }
  }

  /// A model whose tensors were rounded.
  public struct Rounded: Decodable, Sendable {
    /// The largest difference of a number.
    public let loss: Float
    /// Tensors with numbers that the type cannot hold.
    public let kept: [String]
    /// The class scores then.
    public let logits: [Float]
  }

  /// The files of the two images.
  public let images: [String]
  /// The model of one channel.
  public let gray: Outputs
  /// The model of three channels, the image in each.
  public let colour: Outputs
  /// The model of one channel, for an image resized by `fix_resolution`.
  public let fixed: Outputs
  /// The tensors of the model of one channel.
  public let tensors: [String: Values]
  /// The model of one channel in IEEE binary16.
  public let f16: Rounded
  /// The model of one channel in bfloat16.
  public let bf16: Rounded
}

/// What PyTorch makes of the tensors in `conversions`.
public struct ConversionAnswers: Decodable, Sendable {
  /// A tensor in a new file.
  public struct Stored: Decodable, Sendable {
    /// The type's name in safetensors.
    public let dtype: String
    /// The extents.
    public let shape: [Int]
    private let base64: String
    /// The largest absolute and relative differences; nil where the type stays.
    public let loss: [Double]?
    /// The bytes.
    public var bytes: Data { Data(base64Encoded: base64) ?? Data() }
  }

  /// By the type that is asked for: `none`, `F32`, `F16` or `BF16`, then by name.
  public let tensors: [String: [String: Stored]]

  /// Reads the members that are types.
  public init(from decoder: any Decoder) throws {
    let all = try decoder.container(keyedBy: DType.self)
    var tensors = [String: [String: Stored]]()
    for dtype in DType.allCases {
      tensors[dtype.rawValue] = try all.decode([String: Stored].self, forKey: dtype)
    }
    self.tensors = tensors
  }

  private enum DType: String, CodingKey, CaseIterable {
    case none
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
  }
}

/// A folder that goes when its owner does.
public final class TemporaryFolder: Sendable {
  /// The folder's path.
  public let path: String

  /// Makes an empty folder.
  public init() throws {
    let name = "zoo-tests-\(UUID().uuidString)"
    path = FileManager.default.temporaryDirectory.appendingPathComponent(name).path
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// The path of a file in the folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Copies a fixture into the folder.
  ///
  /// - Throws: what the file system says.
  @discardableResult
  public func copy(_ fixture: String, as name: String) throws -> String {
    try FileManager.default.copyItem(atPath: ZooFixtures.path(fixture), toPath: file(name))
    return file(name)
  }

  /// Writes a file in the folder.
  ///
  /// - Throws: what the file system says.
  @discardableResult
  public func write(_ bytes: some Sequence<UInt8>, as name: String) throws -> String {
    try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
    return file(name)
  }

  /// What is in the folder, hidden files too.
  public var names: [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
  }
}
