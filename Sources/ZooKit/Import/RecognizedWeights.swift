import GraphIR
import ModelKit

/// Which of a file's tensors are an architecture's parameters, complete and of the right shapes.
struct RecognizedWeights: Sendable {
  let architecture: RegisteredArchitecture
  let configuration: JSONValue
  /// In the order of the file.
  let parameters: [FoundParameter]
  /// The place of the operating points that the file itself carries.
  let operatingPoints: Int?
}

/// A network's parameter in a file.
struct FoundParameter: Sendable {
  /// The architecture's name.
  let name: String
  /// The tensor's place in the file's list.
  let index: Int
  /// The rows of the tensor that are the parameter; nil for all.
  let rows: [Int]?
}

/// A file's tensors sorted by what they are to one architecture.
struct RenamedTensors {
  private typealias Named = (name: String, shape: Shape)

  private(set) var parameters: [FoundParameter] = []
  private(set) var shapes: [String: Shape] = [:]
  private(set) var operatingPoints: Int?
  private var unknown: [Named] = []
  private var faults: [String: RowFault] = [:]

  init(_ listing: FileListing, by architecture: RegisteredArchitecture) {
    for (index, tensor) in listing.tensors.enumerated() {
      switch architecture.role(ofKey: tensor.name) {
      case .parameter(let name): add(name, tensor, at: index)
      case .rows(let name, let selection):
        do throws(RowFault) {
          let rows = try selection.rows(in: listing.tables[selection.table], of: tensor.shape)
          add(name, tensor, at: index, rows: rows)
        } catch {
          faults[name] = error
          add(name, tensor, at: index)
        }
      case .operatingPoints: operatingPoints = index
      case .ignored: break
      case .unknown: unknown.append((tensor.name, tensor.shape))
      }
    }
  }

  private mutating func add(
    _ name: String, _ tensor: FileListing.Item, at index: Int, rows: [Int]? = nil
  ) {
    // Two spellings of one name in a file: the second is told as unexpected.
    guard shapes[name] == nil else {
      unknown.append((tensor.name, tensor.shape))
      return
    }
    shapes[name] = rows.map { Shape([$0.count] + tensor.shape.dropFirst()) } ?? tensor.shape
    parameters.append(FoundParameter(name: name, index: index, rows: rows))
  }

  /// Leaves out parameters that a network has no use for.
  mutating func drop(_ isIgnored: (String) -> Bool) {
    parameters.removeAll { isIgnored($0.name) }
    shapes = shapes.filter { !isIgnored($0.key) }
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
      if let fault = faults[parameter.name] {
        misshapen.append(.rows(parameter.name, fault))
      } else if shape != parameter.shape {
        misshapen.append(.shape(parameter.name, expected: parameter.shape, found: shape))
      }
    }
    var unexpected = unknown
    unexpected.insert(
      contentsOf: parameters.compactMap { found in
        names.contains(found.name) ? nil : shapes[found.name].map { (found.name, $0) }
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
