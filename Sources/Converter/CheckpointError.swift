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

  init(
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
    case missingFile
    case unreadableFile(errorNumber: Int32)
    case isFolder
    case notRegularFile
    case unsupportedKind(FileKind)
    case truncated(needed: Int, available: Int)
    case lengthOutOfRange(String, available: Int)
    case limit(Limit, maximum: Int)

    // The pickle.
    case unknownOpcode(UInt8)
    case refusedOpcode(String)
    case unsupportedProtocol(Int)
    case forbiddenName(String)
    case stackUnderflow(opcode: String)
    case missingMark(opcode: String)
    case missingMemo(index: Int)
    case wrongOperand(opcode: String, expected: String)
    case invalidNumber(String)
    case invalidName
    case invalidPersistentID(String)
    case invalidRebuild(String)

    // The legacy layout.
    case wrongLegacyMagic
    case unsupportedLegacyProtocol(Int?)
    case invalidStorageList
    case unreferencedStorage(key: String)
    case duplicateStorage(key: String)

    // The zip layout.
    case brokenZip(String)
    case unsafeEntryName(String)
    case duplicateEntry(String)
    case missingRecord(String)
    case severalPickles([String])
    case encryptedEntry
    case unsupportedCompression(method: Int)
    case wrongEntrySize(declared: Int, found: Int)
    case wrongChecksum
    case overlappingEntries
    case inflatesTooFar(size: Int, maximum: Int)
    case unsupportedFormatVersion(String)
    case unknownByteOrder(String)

    // Tensors.
    case unsupportedTensor(String)
    case missingStorage(key: String)
    case storageSize(key: String, expected: Int, found: Int)
    case negativeGeometry(offset: Int, shape: [Int], strides: [Int])
    case rankMismatch(shape: Int, strides: Int)
    case tooLarge(shape: [Int])
    case outOfBounds(needed: Int, available: Int)
    case tensorBudget(maximum: Int)

    // Finding the tensors.
    case noTensors(found: String)
    case ambiguous(keys: [String])
    case missingKey(String, keys: [String])
    case keyWithoutTensors(String)
    case cyclicModules(path: String)
  }

  /// What is bounded, so that a small file cannot ask for endless work or memory.
  public enum Limit: String, Hashable, Sendable {
    case textLength = "bytes in one text"
    case integerLength = "bytes in one number"
    case objects = "pickled objects"
    case elements = "elements in containers"
    case stack = "objects waiting on the pickle stack"
    case marks = "open marks"
    case memo = "remembered objects"
    case nameLength = "bytes in one tensor name"
    case rank = "dimensions in one tensor"
    case modules = "modules"
    case moduleDepth = "levels of modules"
    case tensors = "tensors"
    case wrapperDepth = "levels of wrapping dictionaries"
    case entries = "entries in one archive"
    case pickleSize = "bytes of pickle"
  }
}
