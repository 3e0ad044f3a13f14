import GraphIR

/// The counter-based generator of `tools/fixtures/counter.py`, bit for bit: full-size models are
/// filled from it in Swift and in Python, so that only reference outputs need to be committed.
public enum CounterFill {
  /// `count` values in [0, 1).
  public static func uniform(_ stream: String, count: Int) -> [Float] {
    let seed = fnv1a64(stream)
    return (0..<UInt64(count)).map { index in
      var z = seed &+ index &+ 0x9e37_79b9_7f4a_7c15
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      z ^= z >> 31
      return Float(z >> 40) / 0x1p24
    }
  }

  /// `count` values in [-bound, bound).
  public static func symmetric(_ stream: String, count: Int, bound: Float) -> [Float] {
    uniform(stream, count: count).map { ($0 * 2 - 1) * bound }
  }

  /// Values for a parameter, judged by its name.
  public static func tensor(_ name: String, _ shape: Shape) -> Tensor {
    let count = shape.elementCount
    let values: [Float]
    if name.hasSuffix("running_var") || shape.count == 1 && name.hasSuffix(".weight") {
      values = uniform(name, count: count).map { $0 + 0.5 }
    } else if shape.count == 1 {
      values = symmetric(name, count: count, bound: 0.25)
    } else {
      let fanIn = shape.dropFirst().reduce(1, *)
      values = symmetric(name, count: count, bound: Float((6.0 / Double(fanIn)).squareRoot()))
    }
    return Tensor(shape: shape, values)
  }

  /// All parameters of a graph.
  public static func weights(for graph: Graph) -> [String: Tensor] {
    Dictionary(uniqueKeysWithValues: graph.parameters.map { ($0.name, tensor($0.name, $0.shape)) })
  }

  private static func fnv1a64(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
  }
}
