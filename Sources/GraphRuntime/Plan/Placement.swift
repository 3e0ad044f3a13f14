import GraphIR

/// Which values share memory: the operands of a concatenation are written straight into its
/// result, so that a dense block never copies what it has, and what is a part of a value, or the
/// same under another shape, lies where that does.
package struct Placement {
  /// A value's place: a buffer, and the first byte in it.
  package struct Place: Equatable {
    package let buffer: Int
    package let offset: Int
  }

  /// The place of each node's result, by index; nil for constants.
  package private(set) var places: [Place?]
  /// The buffers, with the steps between which each is in use.
  package private(set) var requests: [MemoryPlan.Request] = []

  /// Places the results of a graph.
  package init(_ graph: PlannedGraph) {
    places = Array(repeating: nil, count: graph.nodes.count)
    var sizes = [Int]()
    let lastReaders = Self.lastReaders(graph)
    for (index, node) in graph.nodes.enumerated().reversed() where !node.isConstant {
      if let whole = graph.whole(of: index), places[index] != nil, places[whole.node] == nil,
        graph.nodes[whole.node].shape.elementCount == node.shape.elementCount
      {
        places[whole.node] = places[index]
      }
      let place = settle(index, in: graph, &sizes)
      guard case .op(.concatenation(let concatenation)) = node.operation else { continue }
      let offsets = Self.offsets(of: node, axis: concatenation.axis, in: graph)
      for (operand, offset) in zip(node.inputs, offsets) {
        guard let offset, places[operand] == nil, !graph.nodes[operand].isConstant else { continue }
        // The next operand goes into what its last block leaves free. Whoever reads that afterwards
        // would meet it with weights of zero, which is not enough where it is infinite.
        guard graph.nodes[operand].fillsBlocks || lastReaders[operand] <= index else { continue }
        places[operand] = Place(buffer: place.buffer, offset: place.offset + offset)
      }
    }
    requests = Self.lifetimes(graph, places, sizes)
  }

  /// The place of a value, which is found where there is none yet: within what it is a part of, and
  /// that within what it is a part of, or in a buffer of its own.
  private mutating func settle(
    _ index: Int, in graph: PlannedGraph, _ sizes: inout [Int]
  ) -> Place {
    var chain = [index]
    while let last = chain.last, places[last] == nil, let whole = graph.whole(of: last) {
      chain.append(whole.node)
    }
    var place = Place(buffer: sizes.count, offset: 0)
    for node in chain.reversed() {
      if let known = places[node] {
        place = known
      } else if let whole = graph.whole(of: node) {
        place = Place(buffer: place.buffer, offset: place.offset + whole.first * 4)
      } else {
        sizes.append(graph.nodes[node].layout.byteCount(graph.nodes[node].shape))
      }
      places[node] = place
    }
    return place
  }

  /// Where in a concatenation's result each operand lies in one piece, in bytes; nil where it does
  /// not.
  static func offsets(
    of node: PlannedGraph.Node, axis: Int, in graph: PlannedGraph
  ) -> [Int?] {
    let isContiguous = node.shape.dimensions[..<axis].allSatisfy { $0 == 1 }
    var before = 0
    return node.inputs.map { input -> Int? in
      let operand = graph.nodes[input].shape
      defer { before += operand[axis] }
      switch node.layout {
      case .planar:
        return isContiguous ? before * operand.dimensions[(axis + 1)...].reduce(1, *) * 4 : nil
      case .blocked(let precision):
        guard node.shape[0] == 1, before.isMultiple(of: Layout.block) else { return nil }
        return before * operand[2] * operand[3] * precision.byteCount
      }
    }
  }

  /// The last node to read each value with what fills up its blocks; -1 where there is none.
  private static func lastReaders(_ graph: PlannedGraph) -> [Int] {
    var readers = [Int](repeating: -1, count: graph.nodes.count)
    for (index, node) in graph.nodes.enumerated() {
      if case .relayout = node.operation { continue }
      for operand in node.inputs { readers[operand] = index }
    }
    return readers
  }

  private static func lifetimes(
    _ graph: PlannedGraph, _ places: [Place?], _ sizes: [Int]
  ) -> [MemoryPlan.Request] {
    var lifetimes = [ClosedRange<Int>?](repeating: nil, count: sizes.count)
    func extend(_ node: Int, to step: Int) {
      guard let buffer = places[node]?.buffer else { return }
      let known = lifetimes[buffer] ?? step...step
      lifetimes[buffer] = min(known.lowerBound, step)...max(known.upperBound, step)
    }
    for (index, node) in graph.nodes.enumerated() {
      extend(index, to: index)
      for operand in node.inputs { extend(operand, to: index) }
    }
    for node in graph.endpoints.values { extend(node, to: graph.nodes.count) }
    // Inputs are all written before the first step.
    for (index, node) in graph.nodes.enumerated() where node.isInput { extend(index, to: 0) }
    return zip(sizes, lifetimes).map { MemoryPlan.Request(size: $0, lifetime: $1 ?? 0...0) }
  }
}

extension PlannedGraph {
  /// The computed value that a node's result lies in as it is, and its first element there; nil for
  /// what has to be copied or computed.
  fileprivate func whole(of node: Int) -> (node: Int, first: Int)? {
    guard let operand = nodes[node].inputs.first, !nodes[operand].isConstant,
      let first = nodes[node].firstElement(in: nodes[operand].shape)
    else { return nil }
    return (operand, first)
  }
}

extension PlannedGraph.Node {
  /// Whether nothing fills up a block of its result.
  fileprivate var fillsBlocks: Bool {
    layout == .planar || shape[1].isMultiple(of: Layout.block)
  }
}
