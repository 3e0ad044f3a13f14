/// What a name stands for while code is followed.
indirect enum ScriptValue {
  /// A module, and its name with a dot behind it; empty for the whole.
  case module(PickleRef, prefix: String)
  /// A tensor: the cell that holds it. Operators that work in place change what is in the cell.
  case tensor(Int)
  case constant(ScriptConstant)
  /// A list or tuple, how deep those in it go, and whether there is a tensor in it.
  case list([ScriptValue], depth: Int, hasTensor: Bool)
  /// A function, an operator or a part of the way to one: `torch.nn`.
  case path(String)
  /// All extents of a tensor.
  case extents
  /// The number of images.
  case batch
  case unknown

  static let none = ScriptValue.constant(.none)

  /// Lists in lists; code needs one of each.
  private static let maximumDepth = 8

  /// A list; nil where it nests too deeply.
  static func list(of items: [ScriptValue]) -> ScriptValue? {
    let deepest = items.reduce(0) {
      if case .list(_, let depth, _) = $1 { max($0, depth) } else { $0 }
    }
    guard deepest < maximumDepth else { return nil }
    return .list(items, depth: deepest + 1, hasTensor: items.contains(where: \.hasTensor))
  }

  var items: [ScriptValue]? { if case .list(let items, _, _) = self { items } else { nil } }

  /// Whether it is a tensor or there is one in it.
  var hasTensor: Bool {
    switch self {
    case .tensor: true
    case .list(_, _, let hasTensor): hasTensor
    default: false
    }
  }

  /// Whether it is Python's None; nil where that is not known.
  var isNone: Bool? {
    switch self {
    case .constant(let constant): constant == .none
    case .unknown, .path: nil
    default: false
    }
  }

  var constant: ScriptConstant? { if case .constant(let value) = self { value } else { nil } }

  /// The truth value of a condition; nil where it is not known.
  var truth: Bool? {
    switch constant {
    case .bool(let value): value
    case .integer(let value): value != 0
    default: nil
    }
  }
}
