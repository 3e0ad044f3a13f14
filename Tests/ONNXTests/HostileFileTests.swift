import Converter
import Foundation
import GraphIR
import Testing

/// Files that are no honest ONNX model: each is refused with its reason, before much is reserved.
@Suite struct HostileFileTests {
  /// A model with everything that a reader looks at.
  static let sound: [UInt8] = Wire.model {
    $0.value(11, "x", [1, 2])
    $0.value(12, "y", [1, 2])
    $0.message(5) {
      $0.int(1, 2)
      $0.int(2, 1)
      $0.text(8, "w")
      $0.data(9, [0, 0, 128, 63, 0, 0, 0, 64])
    }
    $0.node("Add", ["x", "w"], ["y"])
  }

  private func problem(_ bytes: [UInt8]) -> ONNXProblem? {
    do {
      _ = try onnx(bytes)
      return nil
    } catch {
      return error.problem
    }
  }

  @Test func theSoundModelIsRead() throws {
    let model = try onnx(Self.sound)
    #expect(model.opset == 17)
    #expect(model.graph.inputs.map(\.name) == ["x"])
    #expect(model.graph.nodes.map(\.op) == ["Add"])
    #expect(model.graph.initializers["w"]?.floats() == [1, 2])
  }

  /// Whether cut short or not: an error or a model, and never a trap.
  @Test func cutAtEveryByte() {
    for count in 0..<Self.sound.count {
      #expect(problem(Array(Self.sound.prefix(count))) != nil, "\(count) bytes")
    }
  }

  @Test func everyByteChanged() {
    var refused = 0
    for index in Self.sound.indices {
      for value in [0, 1, 0x7f, 0x80, 0xff, Self.sound[index] ^ 0x10] as [UInt8] {
        var bytes = Self.sound
        bytes[index] = value
        if let model = try? onnx(bytes) {
          _ = try? model.imported(file: "m", shapes: ["x": [1, 2]])
        } else {
          refused += 1
        }
      }
    }
    #expect(refused > Self.sound.count)
  }

  @Test func lengthsPastTheEnd() {
    for length in [UInt64(1), 1 << 20, 1 << 31, 1 << 32, 1 << 62, .max] {
      var model = Wire()
      model.int(1, 8)
      model.raw([7 << 3 | 2] + Wire.varint(length))
      #expect(problem(model.bytes) == .malformed(offset: 2, .truncated), "\(length)")
    }
  }

  @Test func numbersOfMoreThan64Bits() {
    let long = [UInt8](repeating: 0xff, count: 10) + [1]
    #expect(problem([8] + long) == .malformed(offset: 1, .varint))
    #expect(problem([8] + Array(repeating: 0xff, count: 9) + [2]) == .malformed(offset: 1, .varint))
  }

  @Test func groups() {
    #expect(problem([8, 8, 0x0b, 0x0c]) == .malformed(offset: 2, .wireType(3)))
  }

  @Test func nestedTenThousandDeep() {
    // Each branch is an attribute of a node of a graph.
    var graph = Wire()
    for _ in 0..<10_000 {
      var outer = Wire()
      let inner = graph.bytes
      outer.message(1) { $0.message(5) { $0.data(6, inner) } }
      graph = outer
    }
    let bytes = Wire.model { $0.raw(graph.bytes) }
    #expect(problem(bytes) == .tooDeep(maximum: 64))
  }

  /// Two bytes a node on disk, a hundred and more in memory.
  @Test func manyEmptyMessages() {
    let empty = [UInt8](repeating: 0, count: 8 << 20).enumerated().map { index, _ in
      index.isMultiple(of: 2) ? UInt8(0x0a) : 0
    }
    // The walk already stops where lengths of five bytes make too much of it.
    let many = Wire.model { $0.raw(empty) }
    #expect(problem(many) == .tooMuchMemory(maximum: 2 * many.count))
    let fewer = Wire.model { $0.raw(Array(empty.prefix(2 << 20))) }
    guard case .tooMuchMemory? = problem(fewer) else {
      Issue.record("a million empty messages are unpacked")
      return
    }
  }

  @Test func moreNodesThanAnyNetworkHas() {
    let nodes = (0..<100_001).flatMap { _ in [0x0a, 0] as [UInt8] }
    #expect(problem(Wire.model { $0.raw(nodes) }) == .limit("nodes", maximum: 100_000))
  }

  @Test func namesThatAreNotText() {
    let bytes = Wire.model { $0.message(1) { $0.data(4, [0xff, 0xfe]) } }
    #expect(problem(bytes) == .notText)
  }

  @Test func opsets() {
    #expect(problem(Wire.model(opset: nil) { _ in }) == .opset(nil, known: 6...28))
    for opset in [-1, 0, 5, 29, Int.max] {
      #expect(problem(Wire.model(opset: opset) { _ in }) == .opset(opset, known: 6...28))
    }
    #expect(problem([8, 8]) == .noGraph)
    #expect(problem([]) == .noGraph)
  }

  @Test func twoTensorsOfOneName() {
    let bytes = Wire.model { graph in
      for _ in 0..<2 {
        graph.message(5) {
          $0.int(2, 1)
          $0.text(8, "w")
          $0.data(9, [0, 0, 0, 0])
        }
      }
    }
    #expect(problem(bytes) == .duplicateName("w"))
  }

  @Test func twoInputsOfOneName() {
    let bytes = Wire.model { graph in
      for name in ["a", "b", "b"] { graph.value(11, name, [1]) }
    }
    #expect(problem(bytes) == .duplicateName("b"))
  }

  static let tensors: [(extents: [Int], type: Int, bytes: Int, fault: TensorFault)] = [
    ([-1], 1, 4, .shape([-1])), ([1 << 62, 4], 1, 4, .shape([1 << 62, 4])),
    ([1 << 40, 1 << 40], 1, 4, .shape([1 << 40, 1 << 40])),
    ([2], 1, 4, .byteCount(found: 4, expected: 8)), ([], 1, 5, .byteCount(found: 5, expected: 4)),
    ([1], 8, 4, .elementType(8)), ([1], 0, 4, .elementType(0)), ([1], 22, 1, .elementType(22)),
    ([1], -1, 4, .elementType(-1)),
  ]

  @Test(arguments: tensors)
  func unusableTensors(extents: [Int], type: Int, bytes: Int, fault: TensorFault) {
    let model = Wire.model {
      $0.message(5) { tensor in
        extents.forEach { tensor.int(1, $0) }
        tensor.int(2, type)
        tensor.text(8, "w")
        tensor.data(9, Array(repeating: 0, count: bytes))
      }
    }
    #expect(problem(model) == .tensor("w", fault))
  }

  /// Values in the typed fields, too few of them and beyond their type.
  @Test func typedFields() {
    let few = Wire.model {
      $0.message(5) {
        $0.int(1, 3)
        $0.int(2, 6)
        $0.int(5, 1)
        $0.text(8, "w")
      }
    }
    #expect(problem(few) == .tensor("w", .valueCount(found: 1, expected: 3)))
    let large = Wire.model {
      $0.message(5) {
        $0.int(1, 1)
        $0.int(2, 3)
        $0.int(5, 128)
        $0.text(8, "w")
      }
    }
    #expect(problem(large) == .tensor("w", .range))
  }

  @Test func valuesThatAreNoTensors() {
    let bytes = Wire.model {
      $0.message(11) {
        $0.text(1, "words")
        $0.message(2) { $0.message(4) { _ in } }
      }
    }
    #expect(problem(bytes) == .notATensor("words"))
  }

  /// A function that calls itself, and one whose calls double at each level.
  @Test func functionsWithoutEnd() {
    func function(_ model: inout Wire, _ name: String, calls: [String]) {
      model.message(25) { function in
        function.text(1, name)
        function.text(10, "f")
        function.text(4, "a")
        function.text(5, "b")
        for call in calls {
          function.message(7) {
            $0.text(1, "a")
            $0.text(2, "b")
            $0.text(4, call)
            $0.text(7, "f")
          }
        }
      }
    }
    func model(_ fill: (inout Wire) -> Void) -> [UInt8] {
      var model = Wire()
      model.raw(
        Wire.model {
          $0.message(1) {
            $0.text(1, "x")
            $0.text(2, "y")
            $0.text(4, "f0")
            $0.text(7, "f")
          }
        })
      fill(&model)
      return model.bytes
    }
    #expect(
      problem(model { function(&$0, "f0", calls: ["f0"]) }) == .recursiveFunction("f0"))
    let doubling = model { model in
      for level in 0..<31 {
        function(&model, "f\(level)", calls: ["f\(level + 1)", "f\(level + 1)"])
      }
    }
    #expect(problem(doubling) == .limit("calls", maximum: 100_000))
  }

  @Test func sparseTensors() {
    let bytes = Wire.model { $0.message(15) { $0.message(1) { $0.text(8, "s") } } }
    #expect(problem(bytes) == .attributeKind("s"))
  }
}
