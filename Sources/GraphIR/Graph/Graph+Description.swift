extension Graph: CustomStringConvertible {
  /// One line a node: `%7 = convolution %3 %5 stride 2 padding 3   features.conv0`.
  public var description: String {
    var lines = nodes.enumerated().map { index, node in
      let attributes = node.op.attributes
      let operands = node.inputs.map { " %\($0.index)" }.joined()
      let detail = attributes.detail.isEmpty ? "" : " " + attributes.detail
      return "%\(index) = \(type(of: attributes).name)\(operands)\(detail)   \(node.label)"
    }
    for (name, value) in endpoints.sorted(by: { $0.key < $1.key }) {
      lines.append("\(name): %\(value.index)")
    }
    return lines.joined(separator: "\n")
  }
}
