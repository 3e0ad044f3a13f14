import Converter
import Foundation
import GraphIR

/// ONNX models, read and then imported for small inputs, so that what each op makes of its operands
/// and what is evaluated meanwhile is reached too.
struct ONNXTarget: FuzzTarget {
  let name = "onnx"
  var words: [[UInt8]] { ONNXWords.ops + ONNXWords.attributes + ONNXWords.values }

  /// The tests keep models in JSON, several to a file.
  private struct Case: Decodable {
    let model: Data
  }

  func seeds(from file: [UInt8]) -> [[UInt8]] {
    guard let cases = try? JSONDecoder().decode([Case].self, from: Data(file)) else {
      return file.first == 8 && ProtobufMessage(file[...], kind: .model) != nil ? [file] : []
    }
    return cases.map { Array($0.model) }
  }

  func read(_ path: String) throws {
    let model = try ONNXModel(contentsOf: path)
    for tensor in model.graph.initializers.values { look(at: tensor) }
    var shapes: [String: Shape] = [:]
    for input in model.graph.inputs { shapes[input.name] = Self.shape(of: input) }
    var values: [String: Tensor] = [:]
    while true {
      do throws(ONNXError) {
        let imported = try model.imported(file: path, shapes: shapes, values: values)
        for case let tensor? in imported.outputs.lazy.map(\.known) { look(at: tensor) }
        return
      } catch {
        guard case .needsValue(let input) = error.problem, values[input] == nil,
          let shape = shapes[input], let value = Self.numbers(shape)
        else { throw error }
        values[input] = value
      }
    }
  }

  /// As the model has it, and small where it leaves that open.
  private static func shape(of input: ONNXValueInfo) -> Shape {
    let image = [1, 3, 8, 8]
    guard let extents = input.extents else { return Shape(image) }
    return Shape(
      extents.enumerated().map { axis, extent in
        if case .fixed(let extent) = extent { extent } else { image[min(axis, 3)] }
      })
  }

  /// A few small whole numbers; nil for more than a few.
  private static func numbers(_ shape: Shape) -> Tensor? {
    guard let count = shape.checkedElementCount, count <= 64 else { return nil }
    return Tensor(shape: shape, (0..<count).map { Float($0 % 4) }).converted(to: .int64)
  }

  func mutate(_ input: [UInt8], limit: Int, _ random: inout RandomSource) -> [UInt8]? {
    guard var model = ProtobufMessage(input[...], kind: .model) else { return nil }
    model.mutate(limit: limit, &random)
    return model.bytes
  }
}
