import Converter
import GraphIR
import ModelKit

/// A foreign file's tensors under an architecture's own names, complete and of the right shapes.
struct RecognizedWeights: Sendable {
  let architecture: RegisteredArchitecture
  let configuration: JSONValue
  /// In the order of the file.
  let tensors: [(name: String, tensor: Tensor)]
  /// Operating points that the file itself carries.
  let operatingPoints: [Double?]?

  /// Finds the architecture that tensors belong to.
  ///
  /// - Parameters:
  ///   - tensors: in the order and under the names of the file.
  ///   - catalog: what can be recognised.
  ///   - id: the architecture to take, or nil to try all.
  ///   - file: for messages.
  /// - Throws: `ZooError` where none fits; of those that nearly fit, the nearest is told in detail.
  init(
    _ tensors: [(name: String, tensor: Tensor)], in catalog: ArchitectureCatalog,
    architecture id: String? = nil, file: String
  ) throws {
    let candidates = try id.map { [try catalog[$0]] } ?? catalog.architectures
    var nearest: ZooError?
    var fewest = Int.max
    for candidate in candidates {
      let renamed = RenamedTensors(tensors, by: candidate)
      guard let configuration = candidate.recognize(renamed.shapes) else { continue }
      let graph = try locating(file) { try candidate.graph(configuration) }
      let mismatches = renamed.mismatches(with: graph)
      if mismatches.isEmpty {
        architecture = candidate
        self.configuration = configuration
        self.tensors = renamed.parameters
        operatingPoints = renamed.operatingPoints
        return
      }
      if mismatches.count < fewest {
        fewest = mismatches.count
        nearest = .mismatch(file: file, architecture: candidate.id, mismatches)
      }
    }
    throw nearest
      ?? .unrecognized(file: file, tensorCount: tensors.count, known: candidates.map(\.id))
  }
}

/// A file's tensors sorted by what they are to one architecture.
private struct RenamedTensors {
  private(set) var parameters: [(name: String, tensor: Tensor)] = []
  private(set) var shapes: [String: Shape] = [:]
  private(set) var operatingPoints: [Double?]?
  private var unknown: [String] = []

  init(_ tensors: [(name: String, tensor: Tensor)], by architecture: RegisteredArchitecture) {
    for (key, tensor) in tensors {
      switch architecture.role(ofKey: key) {
      case .parameter(let name):
        // Two spellings of one name in a file: the second is told as unexpected.
        if shapes.updateValue(tensor.shape, forKey: name) == nil {
          parameters.append((name, tensor))
        } else {
          unknown.append(key)
        }
      case .operatingPoints:
        operatingPoints = tensor.floats()?.map { $0.isNaN ? nil : Double($0) }
      case .ignored: break
      case .unknown: unknown.append(key)
      }
    }
  }

  func mismatches(with graph: Graph) -> [TensorMismatch] {
    var mismatches = [TensorMismatch]()
    var needed = Set<String>()
    var missing = [String]()
    for parameter in graph.parameters {
      needed.insert(parameter.name)
      guard let shape = shapes[parameter.name] else {
        missing.append(parameter.name)
        continue
      }
      if shape != parameter.shape {
        mismatches.append(
          .shape(parameter.name, expected: parameter.shape, found: shape))
      }
    }
    let unexpected = parameters.map(\.name).filter { !needed.contains($0) } + unknown
    // Looking for near names among thousands of unrelated tensors would take long and help nobody.
    let candidates = unexpected.count <= 100 ? unexpected : []
    mismatches += missing.map { .missing($0, nearest: nearestName(to: $0, in: candidates)) }
    mismatches += unexpected.map { .unexpected($0) }
    return mismatches
  }
}
