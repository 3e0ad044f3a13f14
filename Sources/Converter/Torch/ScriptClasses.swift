import GraphIR

/// The classes of a TorchScript archive: its code says which attributes are parameters and buffers.
///
/// The code is text that looks like Python, a file for each module of it. Of each class only three
/// lines are looked at: `class Name(Module):`, `__parameters__ = [...]` and `__buffers__ = [...]`.
struct ScriptClasses {
  struct Declaration {
    /// False for a class that is only data.
    var isModule: Bool
    var parameters: Set<String> = []
    var buffers: Set<String> = []
  }

  private let archive: ZipArchive
  /// The folder of the code, with its slash.
  private let folder: String
  private var files: [String: [String: Declaration]] = [:]

  /// All classes of TorchScript lie in this package.
  static let package = "__torch__"
  /// Bytes of one file of code; longer ones are not looked at.
  private static let maximumFile = 1 << 24

  init(_ archive: ZipArchive, prefix: String) {
    self.archive = archive
    folder = prefix + "code/"
  }

  /// What the code says about a class; nil where it says nothing.
  mutating func declaration(of className: String) throws(CheckpointError) -> Declaration? {
    var steps = className.split(separator: ".").map(String.init)
    guard steps.count >= 2 else { return nil }
    let name = steps.removeLast()
    let file = folder + steps.joined(separator: "/") + ".py"
    if let known = files[file] { return known[name] }
    var declarations: [String: Declaration] = [:]
    if let size = archive.size(of: file), size <= Self.maximumFile {
      let code = try archive.read(file)
      declarations = code.storage.withUnsafeBytes { Self.parse($0[code.range]) }
    }
    files[file] = declarations
    return declarations[name]
  }

  /// The name of a class as its author wrote it: without the package and the numbers that keep
  /// classes of one name apart.
  static func authored(_ className: String) -> String {
    let steps = className.split(separator: ".").filter {
      $0 != package && !$0.hasPrefix("___torch_mangle_")
    }
    return steps.joined(separator: ".")
  }

  private static func parse(_ code: Slice<UnsafeRawBufferPointer>) -> [String: Declaration] {
    var declarations: [String: Declaration] = [:]
    var current: String?
    for line in code.split(separator: UInt8(ascii: "\n")) {
      if line.starts(with: "class ".utf8) {
        let head = String(decoding: line.dropFirst(6), as: UTF8.self)
        let name = String(head.prefix { $0 != "(" && $0 != ":" })
        declarations[name] = Declaration(isModule: head.hasPrefix(name + "(Module)"))
        current = name
      } else if let name = current {
        if line.starts(with: "  __parameters__ = ".utf8) {
          declarations[name]?.parameters = quotedNames(line)
        } else if line.starts(with: "  __buffers__ = ".utf8) {
          declarations[name]?.buffers = quotedNames(line)
        } else if line.first != UInt8(ascii: " ") {
          current = nil
        }
      }
    }
    return declarations
  }

  /// The names between quotes: identifiers, which need no escapes.
  private static func quotedNames(_ line: Slice<UnsafeRawBufferPointer>) -> Set<String> {
    let parts = String(decoding: line, as: UTF8.self)
      .split(separator: "\"", omittingEmptySubsequences: false)
    return Set(stride(from: 1, to: parts.count, by: 2).map { String(parts[$0]) })
  }
}
