// Changes to an ONNX file in its own terms.
extension ProtobufMessage {
  /// Changes a few messages of a model.
  mutating func mutate(limit: Int, _ random: inout RandomSource) {
    for _ in 0...random.below(3) {
      var names = [[UInt8]]()
      var others = [ProtobufMessage]()
      forEachMessage { message in
        others.append(message)
        if [.node, .tensor, .value].contains(message.kind) {
          let fields = message.fields.filter {
            message.kind == .tensor ? $0.number == 8 : $0.number <= 2
          }
          for case .bytes(let name) in fields.map(\.content) { names.append(name) }
        }
      }
      if names.isEmpty { names = [Array("x".utf8)] }
      if random.oneIn(4) {
        addNode(names, &random)
        continue
      }
      // Types and extents of what is declared are many messages, and say little.
      let places = others.indices.filter {
        ![.type, .tensorType, .shape, .opset].contains(others[$0].kind) || random.oneIn(4)
      }
      guard !places.isEmpty else { continue }
      change(at: random.pick(places)) {
        $0.mutateFields(names, others, limit: limit, &random)
      }
    }
  }

  private mutating func mutateFields(
    _ names: [[UInt8]], _ others: [ProtobufMessage], limit: Int, _ random: inout RandomSource
  ) {
    let index = random.below(fields.count)
    switch random.below(12) {
    case 0 where !fields.isEmpty: fields.remove(at: index)
    case 1 where !fields.isEmpty:
      fields.insert(fields[index], at: random.below(fields.count + 1))
    case 2 where !fields.isEmpty: fields.swapAt(index, random.below(fields.count))
    case 3 where !fields.isEmpty && random.oneIn(8):
      let size = max(fields[index].bytes.count, 1)
      let times = min(1 << random.below(12), limit / 2 / size)
      fields.insert(contentsOf: repeatElement(fields[index], count: times), at: index)
    case 4:
      let others = others.filter { $0.kind == kind && !$0.fields.isEmpty }
      if let field = others.isEmpty ? nil : random.pick(random.pick(others).fields) {
        fields.insert(field, at: random.below(fields.count + 1))
      }
    case 5 where kind == .tensor: self = .tensor(named: name, &random)
    case 5 where kind == .attribute: self = .attribute(random.pick(ONNXWords.attributes), &random)
    case 5,
      6 where kind == .node:
      addAttribute(&random)
    case 7 where kind == .attribute: self = .attribute(name ?? [], &random)
    case 8 where kind == .opset: fields.append(.int(2, 6 + random.below(23)))
    case 8 where !kind.numbers.isEmpty:
      fields.append(.int(random.pick(kind.numbers), Self.extent(&random)))
    case 9 where !kind.texts.isEmpty:
      fields.append(.text(random.pick(kind.texts), Self.text(names, &random)))
    default: changeField(at: index, names, &random)
    }
  }

  private mutating func changeField(
    at index: Int, _ names: [[UInt8]], _ random: inout RandomSource
  ) {
    guard fields.indices.contains(index) else { return }
    switch fields[index].content {
    case .number:
      let value = kind == .opset ? 6 + random.below(23) : Self.extent(&random)
      fields[index] = .int(fields[index].number, value)
    case .fixed: fields[index].content = .fixed(little(Self.real(&random).bitPattern))
    case .bytes(let bytes):
      let isText = kind.texts.contains(fields[index].number)
      fields[index].content = .bytes(
        isText && !random.oneIn(8) ? Self.text(names, &random) : mutatedBytes(bytes))
    case .message(let message):
      // In place of another field that holds one, of whatever kind.
      if random.oneIn(4), let other = fields.indices.randomElement(using: &random) {
        fields[other].content = .message(message)
      } else {
        fields[index].content = .bytes(mutatedBytes(message.bytes))
      }
    }
  }

  /// The name of a tensor or of an attribute.
  private var name: [UInt8]? {
    let number = kind == .tensor ? 8 : 1
    for field in fields where field.number == number {
      if case .bytes(let bytes) = field.content { return bytes }
    }
    return nil
  }
}

// New parts, most of them sound but for their numbers.
extension ProtobufMessage {
  /// Puts a node behind the others, of values that are there, and makes it a result.
  private mutating func addNode(_ names: [[UInt8]], _ random: inout RandomSource) {
    guard let index = fields.firstIndex(where: { $0.number == 7 }),
      case .message(var graph) = fields[index].content
    else { return }
    let result = Array("n\(random.below(100))".utf8)
    var node = ProtobufMessage(.node)
    for position in 0..<random.below(5) {
      var operand = random.oneIn(12) ? [] : random.pick(names)
      if position > 0 || random.oneIn(4), random.oneIn(2) {
        operand = Array("c\(random.below(1000))".utf8)
        graph.fields.append(.message(5, .tensor(named: operand, &random)))
      }
      node.fields.append(.text(1, operand))
    }
    node.fields.append(.text(2, result))
    if random.oneIn(8) { node.fields.append(.text(2, Array("m".utf8))) }
    node.fields.append(.text(4, random.pick(ONNXWords.ops)))
    for _ in 0..<random.below(4) { node.addAttribute(&random) }
    let nodes = graph.fields.indices.filter { graph.fields[$0].number == 1 }
    let place = (nodes.last ?? -1) + 1
    graph.fields.insert(.message(1, node), at: random.oneIn(4) ? 0 : place)
    let output = ProtobufMessage(.value, [.text(1, result)])
    if random.oneIn(2) { graph.fields.append(.message(12, output)) }
    if random.oneIn(24) {
      // The whole as a branch of a conditional.
      let truth = ProtobufMessage(
        .tensor, [.int(2, 9), .text(8, Array("t".utf8)), .text(9, [UInt8(random.below(2))])])
      var branching = ProtobufMessage(
        .node, [.text(1, Array("t".utf8)), .text(2, result), .text(4, Array("If".utf8))])
      for name in ["then_branch", "else_branch"] {
        branching.fields.append(
          .message(
            5,
            ProtobufMessage(
              .attribute, [.text(1, Array(name.utf8)), .message(6, graph), .int(20, 5)])))
      }
      let around = graph.fields.filter { [5, 11].contains($0.number) }
      graph.fields =
        around + [.message(5, truth), .message(1, branching), .message(12, output)]
    }
    fields[index].content = .message(graph)
  }

  private mutating func addAttribute(_ random: inout RandomSource) {
    fields.append(.message(5, .attribute(random.pick(ONNXWords.attributes), &random)))
  }

  /// An attribute of the type that it says it has, nearly always.
  private static func attribute(
    _ name: [UInt8], _ random: inout RandomSource
  ) -> ProtobufMessage {
    var message = ProtobufMessage(.attribute, [.text(1, name)])
    let count = random.pick([0, 1, 1, 2, 2, 2, 3, 4, 4, 4, 6, 8])
    var type = random.pick([1, 2, 2, 2, 3, 4, 6, 7, 7, 7, 7])
    switch type {
    case 1:
      message.fields.append(
        .init(number: 2, content: .fixed(little(real(&random).bitPattern))))
    case 2: message.fields.append(.int(3, extent(&random)))
    case 3: message.fields.append(.text(4, random.pick(ONNXWords.values)))
    case 4: message.fields.append(.message(5, tensor(named: [], &random)))
    case 6:
      for _ in 0..<count {
        message.fields.append(
          .init(number: 7, content: .fixed(little(real(&random).bitPattern))))
      }
    default:
      let isMixed = random.oneIn(2)
      let all = extent(&random)
      for _ in 0..<count { message.fields.append(.int(8, isMixed ? extent(&random) : all)) }
    }
    if random.oneIn(32) { type = random.below(15) }
    message.fields.append(.int(20, type))
    return message
  }

  /// A small tensor whose bytes fit its shape.
  private static func tensor(
    named name: [UInt8]?, _ random: inout RandomSource
  ) -> ProtobufMessage {
    var message = ProtobufMessage(.tensor)
    var extents = [Int]()
    for _ in 0..<random.pick([0, 1, 1, 1, 1, 2, 3, 4, 5]) {
      extents.append(random.oneIn(12) ? 0 : 1 + random.below(4))
    }
    let count = extents.reduce(1, *)
    message.fields += extents.map { .int(1, $0) }
    let (type, width) = random.pick([
      (1, 4), (1, 4), (7, 8), (7, 8), (7, 8), (6, 4), (9, 1), (10, 2), (11, 8), (16, 2), (2, 1),
      (3, 1), (5, 2), (12, 4), (13, 8), (14, 8), (15, 16), (17, 1),
    ])
    message.fields.append(.int(2, type))
    if let name { message.fields.append(.text(8, name)) }
    var bytes: [UInt8] = []
    for _ in 0..<count {
      let number =
        switch type {
        case 1: UInt64(real(&random).bitPattern)
        case 11: Double(real(&random)).bitPattern
        default: UInt64(bitPattern: Int64(extent(&random)))
        }
      bytes += (little(number) + little(number)).prefix(width)
    }
    if random.oneIn(4), type == 7 {
      for start in stride(from: 0, to: bytes.count, by: 8) {
        message.fields.append(.int(7, bytes.number(at: start, as: UInt64.self) ?? -1))
      }
    } else {
      message.fields.append(.text(9, bytes))
    }
    return message
  }

  /// A whole number as extents, axes and types are, or one at an edge.
  private static func extent(_ random: inout RandomSource) -> Int {
    switch random.below(5) {
    case 0, 1: random.below(5)
    case 2: -random.below(5)
    case 3: random.pick([7, 8, 9, 16, 1000, 1 << 16, 1 << 20, 1 << 24, 1 << 30, 1 << 31, 1 << 33])
    default: random.number()
    }
  }

  private static func real(_ random: inout RandomSource) -> Float {
    switch random.below(4) {
    case 0: Float(random.below(9)) - 4
    case 1: random.pick([0, -0.0, 0.5, 1e-45, 1e30, -1e30, .infinity, -.infinity, .nan, 0.25])
    case 2: Float(random.below(1000)) / 100
    default: Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
    }
  }

  private static func text(_ names: [[UInt8]], _ random: inout RandomSource) -> [UInt8] {
    switch random.below(8) {
    case 0...3: random.pick(names)
    case 4: random.pick(ONNXWords.attributes)
    case 5: random.pick(ONNXWords.values)
    default: random.pick(ONNXWords.ops)
    }
  }
}
