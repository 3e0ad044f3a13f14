import GraphIR

/// A handle of a value in a `PickleHeap`.
struct PickleRef: Hashable, Sendable {
  let index: Int32
}

/// One entry of a pickled dictionary.
struct PicklePair: Sendable {
  let key: PickleRef
  let value: PickleRef
}

/// A value that a pickle describes, as data; containers hold handles.
///
/// Handles instead of references keep Python's sharing and cycles, and freeing a million nested
/// lists frees one array.
enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// A whole number beyond 64 bits: where its little-endian bytes lie.
  case longInteger(Range<Int>)
  case float(Double)
  case text(String)
  /// Bytes, or text that is not UTF-8: where they lie.
  case bytes(Range<Int>)
  case list([PickleRef])
  case tuple([PickleRef])
  case set([PickleRef])
  case dictionary([PicklePair])
  case global(PickleGlobal)
  indirect case object(PickleObject)
  indirect case storage(StorageReference)
  indirect case tensor(TensorRecord)
  /// A tensor of a kind that has no plain values, by its name; refused only where it is wanted.
  case unsupportedTensor(String)
  /// A tensor of elements that no type here can hold, by their name in PyTorch.
  case unsupportedElement(String)

  /// How many handles or pairs of them the value holds itself.
  var elementCount: Int {
    switch self {
    case .list(let items), .tuple(let items), .set(let items): items.count
    case .dictionary(let pairs): pairs.count
    default: 0
    }
  }

  /// What the value is, for error messages.
  var kindName: String {
    switch self {
    case .none: "None"
    case .bool: "a truth value"
    case .integer, .longInteger, .float: "a number"
    case .text: "a string"
    case .bytes: "bytes"
    case .list: "a list"
    case .tuple: "a tuple"
    case .set: "a set"
    case .dictionary: "a dictionary"
    case .global(let global): "the class \(global.name)"
    case .object(let object): "an object of class \(object.className)"
    case .storage: "a storage"
    case .tensor: "a single tensor without a name"
    case .unsupportedTensor(let name): "a \(name) tensor"
    case .unsupportedElement(let name): "a tensor of \(name)"
    }
  }
}

/// An object of a class that means nothing here: its parts are recorded, nothing is run.
struct PickleObject: Sendable {
  let className: String
  let arguments: PickleRef
  /// What BUILD gave it, usually the dictionary of its attributes.
  var state: PickleRef?
  /// A dictionary of what SETITEMS gave it.
  var items: PickleRef?
}
