import Converter
import Foundation
import GraphIR
import Testing
import ZooKit

/// A small ONNX model, inputs, and what ONNX Runtime or ONNX's reference computes of them:
/// Fixtures/<family>.json, made by tools/fixtures/onnx/<family>.py.
struct ONNXCase: Decodable, Sendable, CustomTestStringConvertible {
  struct Array: Decodable, Sendable {
    let dtype: String
    let shape: Shape
    let values: [Number]
  }

  /// A number; JSON has no words for the others than `nan`, `inf` and `-inf`.
  struct Number: Decodable, Sendable {
    let value: Double

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if let value = try? container.decode(Double.self) {
        self.value = value
      } else {
        let text = try container.decode(String.self)
        let values: [String: Double] = ["nan": .nan, "inf": .infinity, "-inf": -.infinity]
        guard let value = values[text] else {
          throw DecodingError.dataCorruptedError(in: container, debugDescription: text)
        }
        self.value = value
      }
    }
  }

  let name: String
  let model: Data
  let inputs: [String: Array]
  let outputs: [String: Array]

  var testDescription: String { name }

  /// The cases of one family.
  static func all(_ family: String) throws -> [ONNXCase] {
    let url = try #require(
      Bundle.module.url(forResource: family, withExtension: "json", subdirectory: "Fixtures"))
    return try JSONDecoder().decode([ONNXCase].self, from: Data(contentsOf: url))
  }

  /// Reads the model, runs it on the inputs, and compares type, shape and numbers of each output.
  ///
  /// - Parameter tolerance: the largest difference allowed, as a part of the output's largest
  ///   magnitude; whole numbers, truth values and moved numbers must be equal, so there it is 0.
  /// - Throws: whatever reading and running throw.
  func check(tolerance: Float) throws { try check(try read(), tolerance: tolerance) }

  /// The model of the case.
  func read() throws -> ONNXModel {
    let storage = ByteStorage(count: model.count) { memory in
      _ = model.copyBytes(to: memory)
    }
    return try ONNXModel(storage, file: name)
  }

  /// The same with the model in another form.
  func check(_ model: ONNXModel, tolerance: Float) throws {
    let graph = try GraphModel(model, execution: .init(threads: 2), file: name)
    let results = try graph.run(inputs.mapValues(\.tensor))
    #expect(Set(results.keys) == Set(outputs.keys))
    for (output, expected) in outputs {
      let found = try #require(results[output])
      #expect(found.dtype == expected.type, "\(output)")
      #expect(found.shape == expected.shape, "\(output)")
      let numbers = try #require(found.floats())
      let wanted = expected.values.map { Float($0.value) }
      guard numbers.count == wanted.count else { continue }
      let isExact = !expected.type.isFloatingPoint
      let scale = wanted.lazy.filter(\.isFinite).map(\.magnitude).max() ?? 0
      for (found, wanted) in zip(numbers, wanted) {
        let isSame = found == wanted || found.isNaN && wanted.isNaN
        let isNear = abs(found - wanted) <= (isExact ? 0 : tolerance * scale)
        #expect(isSame || isNear, "\(output): \(found) instead of \(wanted)")
        if !isSame && !isNear { break }
      }
    }
  }
}

extension ONNXCase.Array {
  private static let types: [String: DType] = [
    "float32": .float32, "float64": .float64, "float16": .float16, "bfloat16": .bfloat16,
    "int64": .int64, "int32": .int32, "int8": .int8, "uint8": .uint8, "bool": .bool,
  ]

  /// The element type by NumPy's name; an unknown name fails the comparison.
  var type: DType { Self.types[dtype] ?? .complex128 }

  /// The values in their type; float32 is exact for all whole numbers of the cases.
  var tensor: Tensor {
    Tensor(shape: shape, values.map { Float($0.value) }).converted(to: type)
  }
}
