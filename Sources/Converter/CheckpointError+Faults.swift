extension CheckpointError {
  /// What a pickle instruction works on.
  public enum Operand: Hashable, Sendable {
    /// An even number of values, keys first.
    case pairs
    /// Something that values can be appended to.
    case listOrSet
    /// Something that has entries.
    case dictionary
    /// The arguments of a call.
    case arguments
    /// The texts that name a class.
    case names
  }

  /// What is wrong with a reference to a storage.
  public enum PersistentIDFault: Hashable, Sendable {
    /// Not a tuple that begins with a word.
    case notATuple
    /// Another word than `storage`, or another number of parts.
    case unknownKind(String, parts: Int)
    /// Something else where the storage's class belongs.
    case notAStorageClass(found: String)
    /// No text for a key, or no count of zero or more.
    case missingKeyOrCount
    /// A view that reaches beyond its storage.
    case viewOutOfBounds
    /// No number of a storage or tensor in a tar checkpoint.
    case unknownNumber
  }

  /// What a member of a tar checkpoint does not have where it should.
  public enum TarFault: String, Hashable, Sendable {
    /// How many records follow.
    case noCount = "a count of records"
    /// A storage's number, place and class.
    case noStorage = "a storage"
    /// A list of parts of storages, each of which lies in its storage.
    case noViews = "a list of views"
    /// A tensor's number, its storage and its class.
    case noTensor = "a tensor of a known storage"
  }

  /// What is wrong with the description of a tensor.
  public enum RebuildFault: Hashable, Sendable {
    /// Fewer arguments than the function has.
    case missingArguments(found: Int)
    /// Something else where the storage belongs.
    case notAStorage(found: String)
    /// An offset that is no whole number.
    case invalidOffset
    /// A size or strides that are not whole numbers.
    case invalidExtents
    /// A subclass rebuilt from a subclass.
    case nestedSubclass
    /// No name of an element type.
    case noElementType
    /// A NumPy array whose bytes are not as many as its shape says.
    case arraySize
  }
}
