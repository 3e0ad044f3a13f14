/// Why a file was refused: facts, whose wording stands in `CheckpointError+Description.swift`.
public struct CheckpointError: Error, Hashable, Sendable {
  /// The file, as it was given.
  public let file: String
  /// The record inside an archive, where the fault lies in one.
  public let record: String?
  /// The byte in the file, or in the record, where the fault lies.
  public let offset: Int?
  /// The tensor that could not be made.
  public let tensor: String?
  /// What is wrong.
  public let reason: Reason

  package init(
    file: String, record: String? = nil, offset: Int? = nil, tensor: String? = nil, reason: Reason
  ) {
    self.file = file
    self.record = record
    self.offset = offset
    self.tensor = tensor
    self.reason = reason
  }

  /// What can be wrong with a foreign checkpoint.
  public enum Reason: Hashable, Sendable {
    // The file as such.
    /// No file at the path.
    case missingFile
    /// The system refused to open or map the file.
    case unreadableFile(errorNumber: Int32)
    /// A folder where a file belongs.
    case isFolder
    /// A pipe, a device or the like.
    case notRegularFile
    /// Another kind of file than a PyTorch checkpoint that can be read.
    case unsupportedKind(FileKind)
    /// The bytes end inside something.
    case truncated(needed: Int, available: Int)
    /// A length field that is negative or longer than what is left.
    case lengthOutOfRange(String, available: Int)
    /// More of something than any real checkpoint has.
    case limit(Limit, maximum: Int)

    // The pickle.
    /// A byte that is no pickle instruction.
    case unknownOpcode(UInt8)
    /// A pickle instruction that PyTorch never writes, by its name in Python.
    case refusedOpcode(String)
    /// A pickle protocol that does not exist.
    case unsupportedProtocol(Int)
    /// A function or class that only an attack needs.
    case forbiddenName(String)
    /// An instruction without the values it works on.
    case stackUnderflow(opcode: String)
    /// An instruction without the mark it works down to.
    case missingMark(opcode: String)
    /// A reference to an object that was not remembered.
    case missingMemo(index: Int)
    /// An instruction on values of the wrong kind.
    case wrongOperand(opcode: String, expected: Operand)
    /// A number in text that is none.
    case invalidNumber(String)
    /// A name that is not UTF-8.
    case invalidName
    /// A reference to a storage that is none.
    case invalidPersistentID(PersistentIDFault)
    /// A description of a tensor that makes no sense.
    case invalidRebuild(RebuildFault)

    // The legacy layout.
    /// Not the number that legacy files begin with.
    case wrongLegacyMagic
    /// Another version of the legacy layout than 1001.
    case unsupportedLegacyProtocol(Int?)
    /// No list of text keys behind the object of a legacy file.
    case invalidStorageList
    /// A listed storage whose element type nothing tells.
    case unreferencedStorage(key: String)
    /// A storage that is listed twice.
    case duplicateStorage(key: String)

    // The tar layout.
    /// An archive whose headers make no sense.
    case brokenTar(String)
    /// A member that a tar checkpoint must have.
    case missingMember(String)
    /// Something else where a member tells of a storage or tensor.
    case invalidTarRecord(TarFault)

    // The zip layout.
    /// An archive that libzip refuses, with its words.
    case brokenZip(String)
    /// An entry that would be unpacked outside its folder.
    case unsafeEntryName(String)
    /// Two entries of one name.
    case duplicateEntry
    /// An entry that a checkpoint must have.
    case missingRecord(String)
    /// More than one checkpoint in an archive.
    case severalPickles([String])
    /// An entry that needs a password.
    case encryptedEntry
    /// A compression other than deflate.
    case unsupportedCompression(method: Int)
    /// An entry with another size than the directory says.
    case wrongEntrySize(declared: Int, found: Int)
    /// An entry whose bytes are not those that were written.
    case wrongChecksum
    /// Entries that together are larger than the file.
    case overlappingEntries
    /// Entries that would fill far more memory than the file has bytes.
    case inflatesTooFar(size: Int, maximum: Int)
    /// A version of the zip layout that is not known.
    case unsupportedFormatVersion(String)
    /// A byte order that is neither little nor big.
    case unknownByteOrder(String)

    // Tensors.
    /// A tensor without plain values: sparse, quantised and so on.
    case unsupportedTensor(String)
    /// A tensor of an element type that nothing else here knows, such as `torch.float8_e4m3fnuz`.
    case unsupportedElement(String)
    /// A storage that is not in the file.
    case missingStorage(key: String)
    /// A storage of another size than its tensors say, in bytes or in a legacy file elements.
    case storageSize(key: String, expected: Int, found: Int)
    /// A negative offset, size or stride.
    case negativeGeometry(offset: Int, shape: [Int], strides: [Int])
    /// Not as many strides as sizes.
    case rankMismatch(shape: Int, strides: Int)
    /// A shape whose element count does not fit.
    case tooLarge(shape: [Int])
    /// A tensor that reaches beyond its storage, counted in its elements.
    case outOfBounds(needed: Int, available: Int)
    /// Tensors that are expanded to far more bytes than the file has.
    case tensorBudget(maximum: Int)

    // Finding the tensors.
    /// Nothing with named tensors in it.
    case noTensors(found: String)
    /// Tensors in several places.
    case ambiguous(keys: [String])
    /// A key that the file does not have.
    case missingKey(String, keys: [String])
    /// A key with something else under it.
    case keyWithoutTensors(String)
    /// A module among its own descendants.
    case cyclicModules(path: String)
  }

  /// What is bounded, so that a small file cannot ask for endless work or memory.
  public enum Limit: String, Hashable, Sendable {
    /// One pickled text.
    case textLength = "bytes in one text"
    /// One pickled number.
    case integerLength = "bytes in one number"
    /// Values of a pickle.
    case memory = "bytes of pickled objects"
    /// Handles in containers, looked at.
    case elements = "elements in containers"
    /// Values of a pickle not yet used.
    case stack = "objects waiting on the pickle stack"
    /// Containers being filled.
    case marks = "open marks"
    /// One dotted name.
    case nameLength = "bytes in one tensor name"
    /// Dimensions.
    case rank = "dimensions in one tensor"
    /// Modules of a whole model.
    case modules = "modules"
    /// Modules within modules.
    case moduleDepth = "levels of modules"
    /// Tensors of a checkpoint.
    case tensors = "tensors"
    /// Dictionaries around a state dict.
    case wrapperDepth = "levels of wrapping dictionaries"
    /// Entries of a zip archive.
    case entries = "entries in one archive"
    /// Checkpoints in one archive.
    case members = "checkpoints in one archive"
    /// A pickle inside an archive.
    case pickleSize = "bytes of pickle"
  }
}
