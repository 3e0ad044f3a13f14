import GraphIR
import GraphRuntime
import ModelKit

/// How fast a model runs on this machine.
public struct Benchmark: Sendable {
  /// The model's name.
  public let model: String
  /// `[batch, channels, height, width]`.
  public let input: Shape
  /// Threads at most.
  public let threads: Int
  /// The instruction set, as `Kernels.name`.
  public let instructionSet: String
  /// The arithmetic between layers.
  public let precision: Precision
  /// The counted runs, shortest first, in milliseconds.
  public let milliseconds: [Double]
  /// Multiplications and additions of one run.
  public let floatingPointOperations: Int
  /// What the machine reaches with fused multiply-adds alone, all threads together, in GFLOP/s.
  public let peakGigaflopsPerSecond: Double
  /// Each layer's best time; empty where not asked for.
  public let layers: [LayerProfile]

  /// Uncounted runs before the others, so that memory and clocks have settled.
  private static let warmUps = 3

  /// The most numbers in the input: a gigabyte of floats.
  public static let largestInput = 1 << 28

  /// Times a model on noise.
  ///
  /// - Parameters:
  ///   - model: what to time; what it has for each label, a reconstruction, or else its first endpoint.
  ///   - batch: images a run.
  ///   - side: image side; the model's own where nil.
  ///   - runs: counted runs.
  ///   - withLayers: whether to measure each layer too.
  ///   - withAllPaths: whether to measure each layer in the ways that were not chosen, too.
  /// - Throws: `ZooError` where the input is larger than `largestInput`; `RuntimeError` where the
  ///   size does not fit the model.
  public init(
    _ model: Model, batch: Int, side: Int? = nil, runs: Int, withLayers: Bool = false,
    withAllPaths: Bool = false
  ) throws {
    let side = side ?? model.description.input.resolution
    let input: Shape = [batch, 1, side, side]
    guard let count = input.checkedElementCount, count <= Self.largestInput else {
      throw ZooError.inputTooLarge(input, limit: Self.largestInput)
    }
    let endpoint =
      model.endpoints.first { $0.kind != .values }
      ?? model.endpoints.first { $0.name == Endpoint.reconstructionName } ?? model.endpoints.first
    let session = try model.session(for: input, endpoints: endpoint.map { [$0.name] })
    var noise = SystemRandomNumberGenerator()
    let pixels = (0..<count).map { _ in Float.random(in: -1024...1024, using: &noise) }
    let images = Tensor(shape: input, pixels)
    let clock = ContinuousClock()
    var times = [Double]()
    for run in 0..<(Self.warmUps + runs) {
      let start = clock.now
      _ = try session.run([Model.inputName: images])
      if run >= Self.warmUps { times.append((clock.now - start) / .milliseconds(1)) }
    }
    self.model = model.description.name
    self.input = input
    threads = session.threads.count
    instructionSet = session.instructionSet
    precision = session.precision
    milliseconds = times.sorted()
    floatingPointOperations = session.floatingPointOperations * batch
    peakGigaflopsPerSecond = session.measuredPeak() / 1e9
    guard withLayers || withAllPaths else {
      layers = []
      return
    }
    var layers = try session.profile([Model.inputName: images], runs: min(runs, 20))
    for path in withAllPaths ? ConvolutionPath.allCases : [] {
      let other = try model.session(
        for: input, endpoints: endpoint.map { [$0.name] }, preferring: path)
      layers = LayerProfile.merging(
        try other.profile([Model.inputName: images], runs: min(runs, 20)), into: layers)
    }
    self.layers = layers
  }

  /// The median of the counted runs.
  public var medianMilliseconds: Double {
    let middle = milliseconds.count / 2
    return milliseconds.count % 2 == 1
      ? milliseconds[middle] : (milliseconds[middle - 1] + milliseconds[middle]) / 2
  }

  /// The shortest of the counted runs.
  public var minimumMilliseconds: Double { milliseconds[0] }

  /// Images a second at the median.
  public var imagesPerSecond: Double { Double(input[0]) * 1000 / medianMilliseconds }

  /// Arithmetic a second at the median.
  public var gigaflopsPerSecond: Double {
    Double(floatingPointOperations) / medianMilliseconds / 1e6
  }

  /// The arithmetic as a part of what the machine reaches with multiply-adds alone.
  public var percentOfPeak: Double { gigaflopsPerSecond / peakGigaflopsPerSecond * 100 }

  /// The report for programs.
  public var json: JSONValue {
    var members: [String: JSONValue] = [
      "model": .string(model), "input": .array(input.map { .integer($0) }),
      "threads": .integer(threads), "instructionSet": .string(instructionSet),
      "precision": .string(precision.rawValue), "runs": .integer(milliseconds.count),
      "medianMilliseconds": .number(medianMilliseconds),
      "minimumMilliseconds": .number(minimumMilliseconds),
      "imagesPerSecond": .number(imagesPerSecond),
      "gigaflopsPerSecond": .number(gigaflopsPerSecond),
      "peakGigaflopsPerSecond": .number(peakGigaflopsPerSecond),
      "percentOfPeak": .number(percentOfPeak),
    ]
    if !layers.isEmpty {
      members["layers"] = .array(
        layers.map { layer in
          .object([
            "label": .string(layer.label), "op": .string(layer.op),
            "path": layer.path.map { .string($0) } ?? .null,
            "minimumMilliseconds": .number(layer.minimumMilliseconds),
            "otherPaths": .object(layer.otherPaths.mapValues { .number($0) }),
            "floatingPointOperations": .integer(layer.floatingPointOperations),
          ])
        })
    }
    return .object(members)
  }
}
