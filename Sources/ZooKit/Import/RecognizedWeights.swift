import GraphIR
import ModelKit

/// Which of a file's tensors are an architecture's parameters, complete and of the right shapes.
struct RecognizedWeights: Sendable {
  let architecture: RegisteredArchitecture
  let configuration: JSONValue
  /// The architecture's names, in the order of the file, and the tensors' places in its list.
  let parameters: [(name: String, index: Int)]
  /// The place of the operating points that the file itself carries.
  let operatingPoints: Int?
}

/// A file's tensors sorted by what they are to one architecture.
struct RenamedTensors {
  private typealias Named = (name: String, shape: Shape)

  private(set) var parameters: [(name: String, index: Int)] = []
  private(set) var shapes: [String: Shape] = [:]
  private(set) var operatingPoints: Int?
  private var unknown: [Named] = []

  init(_ tensors: [FileListing.Item], by architecture: RegisteredArchitecture) {
    for (index, tensor) in tensors.enumerated() {
      switch architecture.role(ofKey: tensor.name) {
      case .parameter(let name):
        // Two spellings of one name in a file: the second is told as unexpected.
        if shapes.updateValue(tensor.shape, forKey: name) == nil {
          parameters.append((name, index))
        } else {
          unknown.append((tensor.name, tensor.shape))
        }
      case .operatingPoints: operatingPoints = index
      case .ignored: break
      case .unknown: unknown.append((tensor.name, tensor.shape))
      }
    }
  }

  /// How the tensors differ from what a network needs: near names first, then other shapes, what is
  /// missing, and what is too much.
  func mismatches(with needed: [Parameter]) -> [TensorMismatch] {
    let names = Set(needed.map(\.name))
    var missing = [Named]()
    var misshapen = [TensorMismatch]()
    for parameter in needed {
      guard let shape = shapes[parameter.name] else {
        missing.append((parameter.name, parameter.shape))
        continue
      }
      if shape != parameter.shape {
        misshapen.append(.shape(parameter.name, expected: parameter.shape, found: shape))
      }
    }
    var unexpected = unknown
    unexpected.insert(
      contentsOf: parameters.compactMap { name, _ in
        names.contains(name) ? nil : shapes[name].map { (name, $0) }
      }, at: 0)
    let pairs = Self.pairs(&missing, &unexpected)
    return pairs + misshapen + missing.map { .missing($0.name) }
      + unexpected.map { .unexpected($0.name) }
  }

  /// Comparing each of many names with each of many others would take long and help nobody: more
  /// than this are no slips of the pen.
  private static let mostComparisons = 1000
  /// Longer names are not compared: the time grows with their length.
  private static let longestName = 200

  /// Takes tensors of one shape and nearly one name off both lists.
  private static func pairs(
    _ missing: inout [Named], _ unexpected: inout [Named]
  ) -> [TensorMismatch] {
    guard missing.count * unexpected.count <= mostComparisons else { return [] }
    var pairs = [TensorMismatch]()
    missing.removeAll { name, shape in
      let candidates = unexpected.filter { $0.shape == shape && $0.name.utf8.count <= longestName }
      guard name.utf8.count <= longestName,
        let near = nearestName(to: name, in: candidates.map(\.name))
      else { return false }
      unexpected.removeAll { $0.name == near }
      pairs.append(.renamed(name, found: near))
      return true
    }
    return pairs
  }
}
