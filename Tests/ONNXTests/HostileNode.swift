import Converter
import GraphIR
import Testing

/// A node with nothing wrong, which is then spoilt in every way that attributes and operands can be.
struct HostileNode: Sendable {
  /// What a node takes: a value that comes when the network runs, or one that is known.
  enum Operand: Sendable {
    case computed(Shape)
    case known(Tensor)
  }

  let op: String
  let opset: Int
  var operands: [Operand?]
  var attributes: [String: ONNXAttribute]
  /// The attributes that the op reads, there or not.
  let attributeNames: [String]
  var results = 1
  /// The element type of what is computed.
  var dtype = DType.float32

  private static let words = ["", "SAME_UPPER", "SAME_LOWER", "VALID", "no such word"]
  private static let numbers = [
    Int.min, -(1 << 33), -1, 0, 1, 2, 3, 1000, 1 << 20, 1 << 31, 1 << 33, .max,
  ]
  private static let reals: [Float] = [0, -1, 0.3, 1e30, -.infinity, .infinity, .nan]
  private static let shapes: [Shape] = [
    [], [0], [1], [4], [2, 0], [0, 4], [1, 1, 1], [2, 4, 5], [0, 4, 5], [2, 0, 5], [1, 4, 0],
    [1, 4, 5, 5], [0, 4, 5, 5], [1, 0, 5, 5], [1, 4, 0, 5], [1, 1, 1, 1], [2, 3, 4, 5],
    [1, 4, 5, 5, 5], [1, 4, 5, 0, 5], [1, 1, 1, 1, 1, 1],
    [1, 4, 1 << 20, 1 << 10], [1, 1, (1 << 31) - 1], [0, 1, (1 << 31) - 1, (1 << 31) - 1],
    [0, (1 << 31) - 1, (1 << 31) - 1, (1 << 31) - 1, (1 << 31) - 1],
  ]

  private static let attributeValues: [ONNXAttribute?] = {
    let lists = numbers.flatMap { number in
      [1, 2, 3, 4, 6, 8].map { [Int](repeating: number, count: $0) }
    }
    return [nil, .ints([]), .floats([]), .strings(["x"]), .ints([1, 2, 3, 4]), .ints([-1, 1])]
      + words.map(ONNXAttribute.string) + numbers.map(ONNXAttribute.int)
      + reals.map(ONNXAttribute.float) + lists.map(ONNXAttribute.ints)
      + reals.map { ONNXAttribute.floats([$0, 1, $0, $0]) }
      + [.tensor(Tensor(shape: [1], [1]))]
  }()

  private static let operandValues: [Operand?] = {
    var values: [Operand?] = [nil]
    values += shapes.map(Operand.computed)
    values += shapes.filter { $0.elementCount < 1 << 16 }.map {
      .known(Tensor(shape: $0, [Float](repeating: 1, count: $0.elementCount)))
    }
    for count in [0, 1, 2, 4, 8, 100] {
      values += reals.map { .known(Tensor(shape: [count], [Float](repeating: $0, count: count))) }
      values += numbers.map { .known(Tensor(int64: [Int](repeating: $0, count: count))) }
    }
    return values
  }()

  /// Imports the node in every spoilt form.
  ///
  /// Each must be refused in a sentence or have results that can be computed; of a node that takes
  /// anything, most forms are nothing to refuse.
  func check(takesAnything: Bool = false) throws {
    // As it is, there is nothing to refuse.
    _ = try imported()
    var refusals = 0
    var forms = 0
    func attempt(_ node: HostileNode) {
      forms += 1
      do throws(ONNXError) {
        let model = try node.imported()
        for output in model.outputs { #expect(output.shape.isComputable) }
      } catch {
        refusals += 1
        let sentence = "\(error)"
        #expect(!sentence.contains("\n") && sentence.count > 20 && !sentence.hasSuffix("."))
      }
    }
    for name in attributeNames {
      for value in Self.attributeValues {
        var node = self
        node.attributes[name] = value
        attempt(node)
      }
    }
    for index in operands.indices {
      for value in Self.operandValues {
        var node = self
        node.operands[index] = value
        attempt(node)
      }
    }
    for count in operands.indices {
      var node = self
      node.operands.removeLast(operands.count - count)
      attempt(node)
    }
    for dtype in [DType.int64, .bool, .float16, .uint8] {
      var node = self
      node.dtype = dtype
      attempt(node)
    }
    // Several things at once, the same ones in every run.
    var random = Xorshift()
    for _ in 0..<1500 {
      var node = self
      for _ in 0..<2 + Int(random.next() % 3) {
        if !attributeNames.isEmpty, random.next() % 3 != 0 {
          let name = attributeNames[Int(random.next() % UInt64(attributeNames.count))]
          let values = Self.attributeValues
          node.attributes[name] = values[Int(random.next() % UInt64(values.count))]
        } else if !operands.isEmpty {
          let index = Int(random.next() % UInt64(operands.count))
          let values = Self.operandValues
          node.operands[index] = values[Int(random.next() % UInt64(values.count))]
        }
      }
      attempt(node)
    }
    #expect(refusals > forms / (takesAnything ? 200 : 5), "\(refusals) of \(forms)")
  }

  private func imported() throws(ONNXError) -> ImportedModel {
    var shapes = [String: Shape]()
    var initializers = [String: Tensor]()
    var names = [String]()
    for (index, operand) in operands.enumerated() {
      let name = "operand\(index)"
      switch operand {
      case .computed(let shape): shapes[name] = shape
      case .known(let tensor): initializers[name] = tensor
      case nil: break
      }
      names.append(operand == nil ? "" : name)
    }
    let inputs = shapes.keys.sorted().map {
      ONNXValueInfo(name: $0, dtype: dtype, extents: nil)
    }
    let outputs = (0..<results).map { "result\($0)" }
    let graph = ONNXGraph(
      inputs: inputs, outputs: outputs.map { ONNXValueInfo(name: $0, dtype: nil, extents: nil) },
      nodes: [ONNXNode(op: op, inputs: names, outputs: outputs, attributes: attributes)],
      initializers: initializers)
    return try ONNXModel(opset: opset, graph: graph).imported(file: "hostile", shapes: shapes)
  }
}

extension HostileNode: CustomTestStringConvertible {
  var testDescription: String { "\(op), opset \(opset)" }
}

/// Marsaglia's generator: numbers that look random and are the same everywhere.
private struct Xorshift: RandomNumberGenerator {
  private var state: UInt64 = 0x9e37_79b9_7f4a_7c15

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}

extension Tensor {
  /// A vector of 64-bit whole numbers.
  init(int64 values: [Int]) {
    let storage = ByteStorage(count: values.count * 8) { memory in
      for (index, value) in values.enumerated() {
        memory.storeBytes(of: Int64(value), toByteOffset: index * 8, as: Int64.self)
      }
    }
    self.init(dtype: .int64, shape: [values.count], storage: storage)
  }

  /// A tensor of ones.
  static func ones(_ shape: Shape) -> Tensor {
    Tensor(shape: shape, [Float](repeating: 1, count: shape.elementCount))
  }
}
