/// Why a graph was refused, or why it does not fit its inputs.
public struct GraphError: Error, Equatable, Sendable {
  /// The fact at fault; its wording stands in `description`.
  enum Problem: Equatable, Sendable {
    case operandOrder(Int)
    case operandCount(Int, ClosedRange<Int>)
    case duplicateName(String)
    case danglingEndpoint(String)
    case unknownEndpoint(String, known: [String])
    case unknownInput(String, known: [String])
    case shape(ShapeProblem)
    case missingParameter
    case parameterShape(expected: Shape, found: Shape)
    case parameterType(DType)
  }

  let problem: Problem
  let op: String?
  let label: String?

  init(_ problem: Problem, at node: Graph.Node? = nil) {
    self.problem = problem
    op = node.map { type(of: $0.op.attributes).name }
    label = node?.label
  }
}

/// Why operand shapes do not fit an op.
public enum ShapeProblem: Error, Equatable, Sendable {
  case missingInput(String)
  case rank(Shape, expected: Int)
  case extent(of: String, Int, expected: Int)
  case window(Size2D, image: Size2D)
  case notBroadcastable(Shape, Shape)
  case concatenation(Shape, Shape, axis: Int)
  case axis(Int, rank: Int)
  case elementCount(Shape, Shape)
  case groups(Int, String, Int)
  case operand(String, Shape, expected: Shape)
  case attribute(String, Int)
  case outputPadding(Size2D, stride: Size2D, dilation: Size2D)
  case nothingLeft(of: Size2D)
  case resize(Size2D, to: String)
  case grid(Size2D, parts: Int)
  case emptyAxis(Int, Shape)
  case tooLarge(Shape)
  case tooManyAxes(Shape)
  case entries(of: String, Int, Shape)
  case permutation([Int], Shape)
  case slice(start: Int, extent: Int, step: Int, axis: Int, Shape)
  case negative(String, Int)
  case broadcast(Shape, to: Shape)
  case matrixProduct(Shape, Shape)
}

extension GraphError: CustomStringConvertible {
  /// One sentence that names the node and the fact.
  public var description: String {
    let place = zip2(label, op).map { "\($0) (\($1)): " } ?? ""
    return place + problem.description
  }

  private func zip2(_ a: String?, _ b: String?) -> (String, String)? {
    if let a, let b { (a, b) } else { nil }
  }
}

extension GraphError.Problem: CustomStringConvertible {
  var description: String {
    switch self {
    case .operandOrder(let index): "operand %\(index) is not made by an earlier node"
    case .operandCount(let found, let expected):
      expected.count == 1
        ? "has \(found) operands, needs \(expected.lowerBound)"
        : "has \(found) operands, needs \(expected.lowerBound) to \(expected.upperBound)"
    case .duplicateName(let name): "the name \(name) is used twice"
    case .danglingEndpoint(let name): "endpoint \(name) names no node"
    case .unknownEndpoint(let name, let known):
      "no output is named \(name)\(suggestion(name, known)); there are \(list(known))"
    case .unknownInput(let name, let known):
      "no input is named \(name)\(suggestion(name, known)); there are \(list(known))"
    case .shape(let problem): problem.description
    case .missingParameter: "the weights have no tensor of this name"
    case .parameterShape(let expected, let found):
      "the tensor is \(found), the architecture needs \(expected)"
    case .parameterType(let dtype):
      "the tensor holds \(dtype.rawValue) values, weights must be real numbers"
    }
  }

  private func list(_ names: [String]) -> String { names.joined(separator: ", ") }

  private func suggestion(_ name: String, _ known: [String]) -> String {
    nearestName(to: name, in: known).map { " (did you mean \($0)?)" } ?? ""
  }
}

extension ShapeProblem: CustomStringConvertible {
  /// The fact as the second half of a sentence.
  public var description: String {
    switch self {
    case .missingInput(let name): "the input \(name) was not given"
    case .rank(let shape, let expected):
      "a \(shape) tensor has \(shape.count) dimensions, \(expected) are needed"
    case .extent(let what, let found, let expected): "\(what) is \(found), must be \(expected)"
    case .window(let window, let image):
      "a \(window) window does not fit into a \(image) map: the image is too small for this model"
    case .notBroadcastable(let a, let b): "\(a) and \(b) do not broadcast"
    case .concatenation(let a, let b, let axis):
      "\(a) and \(b) differ in more than axis \(axis)"
    case .axis(let axis, let rank): "there is no axis \(axis) in \(rank) dimensions"
    case .elementCount(let from, let to): "\(from) cannot become \(to)"
    case .groups(let groups, let what, let count):
      "\(count) \(what) do not divide into \(groups) groups"
    case .operand(let what, let found, let expected): "\(what) is \(found), must be \(expected)"
    case .attribute(let what, let value):
      "\(what) of \(value) is too large; the most is \(Shape.mostElements)"
    case .outputPadding(let size, let stride, let dilation):
      "an output padding of \(size) is not less than the stride \(stride) or dilation \(dilation)"
    case .nothingLeft(let image): "the padding leaves nothing of a \(image) map"
    case .resize(let image, let target): "a \(image) map cannot be resized \(target)"
    case .grid(let image, let parts):
      "a \(image) map has too few pixels for a grid of \(parts)×\(parts)"
    case .emptyAxis(let axis, let shape): "axis \(axis) of \(shape) is empty"
    case .tooLarge(let shape):
      "a \(shape) tensor is too large; the most is \(Shape.mostElements) numbers"
    case .tooManyAxes(let shape):
      "a \(shape) tensor has \(shape.count) dimensions; the most is \(Shape.mostAxes)"
    case .entries(let what, let count, let shape):
      "\(what) has \(count) entries, a \(shape) tensor has \(shape.count) dimensions"
    case .permutation(let axes, let shape):
      "\(axes) is no permutation of the \(shape.count) axes of \(shape)"
    case .slice(let start, let extent, let step, let axis, let shape):
      "\(extent) elements from \(start) on in steps of \(step) do not lie on axis \(axis) of \(shape)"
    case .negative(let what, let value): "\(what) is \(value), must not be negative"
    case .broadcast(let from, let to): "\(from) does not broadcast to \(to)"
    case .matrixProduct(let a, let b): "\(a) and \(b) cannot be multiplied as matrices"
    }
  }
}
