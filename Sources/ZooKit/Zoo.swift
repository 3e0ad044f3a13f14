import Foundation
import GraphRuntime
import ModelKit

/// The published models, the architectures they are made of, and the weights on this machine.
///
/// Making one reads and checks the manifest but touches no weights and no network.
public struct Zoo: Sendable {
  /// The architectures that files are recognised as.
  public let catalog: ArchitectureCatalog
  /// Where converted weights are kept.
  public let cache: WeightCache
  /// Threads, instruction set and precision for the models that are loaded.
  public let execution: ExecutionOptions
  /// Where `.torchxrayvision` is looked for.
  let home: URL
  private let loadedManifest: Result<Manifest, any Error>

  /// Creates a zoo.
  ///
  /// - Parameters:
  ///   - architectures: what the program knows; `XRayZoo` gives the built-in list.
  ///   - manifest: a manifest that is laid over the built-in one; by default the file that
  ///     `ZOO_MANIFEST` names, if any. What is wrong with it is told when a model is asked for.
  ///   - cache: where converted weights are kept.
  ///   - execution: threads, instruction set and precision.
  ///   - home: where `.torchxrayvision` is looked for; the user's home folder where nil.
  public init(
    architectures: [RegisteredArchitecture],
    manifest: URL? = environmentValue("ZOO_MANIFEST").map { URL(fileURLWithPath: $0) },
    cache: WeightCache = .standard, execution: ExecutionOptions = .init(),
    home: URL? = nil
  ) {
    catalog = ArchitectureCatalog(architectures)
    self.cache = cache
    self.execution = execution
    self.home = home ?? homeFolder()
    loadedManifest = Result { try Self.load(over: manifest) }
  }

  /// The published models, the user's own laid over them.
  ///
  /// - Throws: `ManifestError` or `ZooError` where the user's manifest is faulty.
  public var manifest: Manifest { get throws { try loadedManifest.get() } }

  /// The name of the model inside the package: small, for demonstration, not for clinical use.
  public static let demonstrationModel = "demo"

  private static func load(over user: URL?) throws -> Manifest {
    let builtIn = try Manifest(
      data: Data(PackageResources.weights_manifest_json), name: "weights-manifest.json")
    guard let user else { return builtIn }
    guard let data = try? Data(contentsOf: user) else {
      throw ZooError.file(user.path, reason: "the manifest cannot be read")
    }
    return try builtIn.merging(Manifest(data: data, name: user.path), name: user.path)
  }
}

/// How loaded models are run.
public struct ExecutionOptions: Sendable {
  /// The most threads that one call uses; nil for `ZOO_NUM_THREADS` or all that there are.
  public var threads: Int?
  /// `scalar`, `portable`, `avx2`, `avx512` or `avx512bf16`; nil for `ZOO_ISA` or the best that there is.
  public var instructionSet: String?
  /// The arithmetic between layers.
  public var precision: Precision
  /// How many networks of each group of an ensemble are run, the first ones; nil for all.
  ///
  /// With a number, a model that is no ensemble is an error.
  public var members: Int?

  /// Creates options; what is left out follows the environment.
  public init(
    threads: Int? = nil, instructionSet: String? = nil, precision: Precision = .float32,
    members: Int? = nil
  ) {
    self.threads = threads
    self.instructionSet = instructionSet
    self.precision = precision
    self.members = members
  }

  /// The kernels of the instruction set.
  func kernels() throws(RuntimeError) -> Kernels {
    guard let instructionSet else { return try Kernels.forThisMachine() }
    return try Kernels.forThisMachine(named: instructionSet)
  }
}
