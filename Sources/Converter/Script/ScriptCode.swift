import GraphIR

/// The functions of a TorchScript archive, each file read when it is first asked for.
struct ScriptCode {
  private let archive: ZipArchive
  private let folder: String
  private var files: [String: ScriptFile] = [:]
  private var functions: [String: ScriptFunction] = [:]
  private var byteCount = 0

  /// Bytes of all files that are read: a network of 150 layers has half a million, and taken apart
  /// they fill some ten times as much.
  static let maximumBytes = 1 << 22

  init(_ archive: ZipArchive, prefix: String) {
    self.archive = archive
    folder = prefix + "code/"
  }

  /// A function by its path, such as `__torch__.torch.nn.functional.relu`, or a method behind the
  /// path of its class.
  mutating func function(
    _ path: String, method: String? = nil
  ) throws(ScriptStop) -> ScriptFunction {
    let full = method.map { path + "." + $0 } ?? path
    if let known = functions[full] { return known }
    var steps = path.split(separator: ".").map(String.init)
    guard steps.count >= 2 else { throw .problem(ScriptProblem(.missing, place: full)) }
    let name = steps.removeLast()
    let file = try self.file(steps.joined(separator: "/") + ".py")
    let function: ScriptFunction?
    do throws(ScriptSyntaxError) {
      function = try file?.function(method.map { "\(name).\($0)" } ?? name)
    } catch {
      throw .problem(ScriptProblem(.syntax, place: full))
    }
    guard let function else { throw .problem(ScriptProblem(.missing, place: full)) }
    functions[full] = function
    return function
  }

  private mutating func file(_ name: String) throws(ScriptStop) -> ScriptFile? {
    if let known = files[name] { return known }
    guard let size = archive.size(of: folder + name) else { return nil }
    guard size <= Self.maximumBytes - byteCount else {
      throw .problem(ScriptProblem(.tooLong, place: name))
    }
    byteCount += size
    let record: StorageBytes
    do throws(CheckpointError) {
      record = try archive.read(folder + name)
    } catch {
      throw .file(error)
    }
    let file = ScriptFile(
      code: record.storage.withUnsafeBytes { Array($0[record.range]) })
    files[name] = file
    return file
  }
}
