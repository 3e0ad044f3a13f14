import GraphIR

/// Which values share memory: the operands of a concatenation are written straight into its
/// result, so that a dense block never copies what it has.
package struct Placement {
  /// A value's place: a buffer, and the first float in it.
  package struct Place: Equatable {
    package let buffer: Int
    package let offset: Int
  }

  /// The place of each value that is computed, by index; nil for constants.
  package private(set) var places: [Place?]
  /// The buffers, with the steps between which each is in use.
  package private(set) var requests: [MemoryPlan.Request] = []

  /// Places the values of a graph.
  ///
  /// - Parameters:
  ///   - graph: the values.
  ///   - shapes: each value's shape, by index.
  package init(_ graph: Graph, shapes: [Shape]) {
    places = Array(repeating: nil, count: graph.nodes.count)
    var sizes = [Int]()
    for value in graph.values.reversed() where !graph[value].isConstant {
      let place: Place
      if let existing = places[value.index] {
        place = existing
      } else {
        place = Place(buffer: sizes.count, offset: 0)
        sizes.append(shapes[value.index].elementCount)
        places[value.index] = place
      }
      guard case .concatenation(let concatenation) = graph[value].op,
        Self.isContiguous(shapes[value.index], axis: concatenation.axis)
      else { continue }
      var offset = place.offset
      for operand in graph[value].inputs {
        if places[operand.index] == nil, !graph[operand].isConstant {
          places[operand.index] = Place(buffer: place.buffer, offset: offset)
        }
        offset += shapes[operand.index].elementCount
      }
    }
    requests = Self.lifetimes(graph, places, sizes)
  }

  /// Whether the operands of a concatenation lie one behind the other in its result.
  static func isContiguous(_ shape: Shape, axis: Int) -> Bool {
    shape.dimensions[..<axis].allSatisfy { $0 == 1 }
  }

  private static func lifetimes(
    _ graph: Graph, _ places: [Place?], _ sizes: [Int]
  ) -> [MemoryPlan.Request] {
    var lifetimes = [ClosedRange<Int>?](repeating: nil, count: sizes.count)
    func extend(_ value: Graph.Value, to step: Int) {
      guard let buffer = places[value.index]?.buffer else { return }
      let known = lifetimes[buffer] ?? step...step
      lifetimes[buffer] = min(known.lowerBound, step)...max(known.upperBound, step)
    }
    for value in graph.values {
      extend(value, to: value.index)
      for operand in graph[value].inputs { extend(operand, to: value.index) }
    }
    for value in graph.endpoints.values { extend(value, to: graph.nodes.count) }
    // Inputs are all written before the first step.
    for value in graph.values where graph[value].isInput { extend(value, to: 0) }
    return zip(sizes, lifetimes).map { MemoryPlan.Request(size: $0, lifetime: $1 ?? 0...0) }
  }
}

extension Graph.Node {
  var isConstant: Bool { if case .constant = op { true } else { false } }
  var isInput: Bool { if case .input = op { true } else { false } }
}
