/// What a checkpoint's object turned out to hold, before any value is read.
struct FoundTensors {
  /// Names and handles of tensors, in the order of the file.
  private(set) var tensors: [(name: String, ref: PickleRef)] = []
  /// The class, where the tensors come from a whole module.
  var moduleClass: String?
  /// The keys of the dictionaries they were found in, outermost first.
  var path: [String] = []
  /// What lies among the tensors and is none.
  private(set) var skipped: [String] = []
  private var positions: [String: Int] = [:]

  /// Adds a tensor; a name that was there is overwritten in its place, as a Python dictionary
  /// would.
  mutating func add(_ name: String, _ ref: PickleRef) {
    if let position = positions[name] {
      tensors[position].ref = ref
    } else {
      positions[name] = tensors.count
      tensors.append((name, ref))
    }
  }

  mutating func skip(_ name: String) { skipped.append(name) }

  /// Wrappers inside wrappers whose prefixes are taken off.
  private static let maximumPrefixes = 4
  /// Wrappers put these in front of every name.
  private static let wrapperPrefixes = ["module.", "model.", "net.", "backbone."]

  /// Takes away what wrappers put in front of the names, layer by layer, and returns it.
  ///
  /// A prefix goes only where every name has it: a model may well have a part called `model`.
  mutating func stripPrefixes() -> String {
    var stripped = ""
    for _ in 0..<Self.maximumPrefixes {
      let shared = Self.wrapperPrefixes.first { prefix in
        tensors.allSatisfy { $0.name.hasPrefix(prefix) && $0.name.utf8.count > prefix.utf8.count }
      }
      guard let prefix = shared, !tensors.isEmpty else { break }
      for index in tensors.indices {
        tensors[index].name = String(tensors[index].name.dropFirst(prefix.count))
      }
      stripped += prefix
    }
    return stripped
  }
}
