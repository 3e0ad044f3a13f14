import Foundation
import GraphIR

/// Why a weight file cannot be read or written: the file, and what is wrong with it.
public struct WeightFileError: Error, Hashable, Sendable {
  /// What the operating system was asked to do when it refused.
  public enum Step: String, Hashable, Sendable {
    /// Opening a file for reading, or asking for its size.
    case open = "opened"
    /// Mapping it into memory.
    case map = "mapped into memory"
    /// Creating the temporary file beside the destination.
    case create = "created"
    /// Writing, including the wait for the disk.
    case write = "written"
    /// Giving the finished file its name.
    case rename = "put in place"
  }

  /// What is wrong; places are bytes from the start of the file unless a case says otherwise.
  public enum Problem: Error, Hashable, Sendable {
    /// The operating system refused; `code` is its `errno`.
    case system(Step, code: Int32)
    /// A folder, device or pipe.
    case notAFile
    /// Too few bytes for any safetensors file.
    case tooShort(byteCount: Int)
    /// The header's length does not fit the file, or is above the limit.
    case headerLength(UInt64, byteCount: Int, limit: Int)
    /// The header is no JSON object.
    case notSafetensors
    /// The header is broken JSON; the offset counts from the start of the header.
    case headerSyntax(JSONSyntaxError)
    /// `__metadata__` holds something else than strings.
    case metadata
    /// A tensor's line lacks `dtype`, `shape` or `data_offsets`, or they have the wrong form.
    case entry(tensor: String)
    /// An element type that is unknown here.
    case dtype(String, tensor: String)
    /// A shape with negative or fractional extents, or larger than any memory.
    case shape(tensor: String)
    /// Offsets outside the data section, whose size is `available`, or the wrong way round.
    case offsets(tensor: String, start: Int, end: Int, available: Int)
    /// A tensor with more or fewer bytes than its type and shape need.
    case size(tensor: String, found: Int, expected: Int)
    /// A tensor that overlaps the one before it or leaves a hole.
    case misplaced(tensor: String, start: Int, expected: Int)
    /// The last tensor does not end where the file does.
    case dataEnd(Int, byteCount: Int)

    /// A sound safetensors file of another program.
    case noProfile
    /// The header is not what was written.
    case headerChanged
    /// A tensor is not what was written.
    case tensorChanged(String)
    /// A later version of the format.
    case formatVersion(Int, known: Int)
    /// The file needs a feature that this reader lacks.
    case unknownFeature(String)
    /// The profile is broken JSON; the offset counts from the start of the profile.
    case profileSyntax(JSONSyntaxError)
    /// The profile lacks something.
    case profileField(JSONFieldError)
    /// A tensor without digest.
    case noDigest(tensor: String)
    /// A digest without tensor.
    case noTensor(digest: String)

    /// A tensor to be written has an element type that safetensors lacks.
    case unwritableDType(DType, tensor: String)
    /// A tensor to be written has an empty, reserved or very long name.
    case unwritableName(String, limit: Int)
    /// Two tensors to be written have the same name.
    case duplicateName(String)
    /// The tensors to be written need a longer header than readers accept.
    case headerTooLong(Int, limit: Int)
  }

  /// The path of the file.
  public let file: String
  /// What is wrong with it.
  public let problem: Problem

  package init(file: String, problem: Problem) {
    self.file = file
    self.problem = problem
  }
}

extension WeightFileError: CustomStringConvertible {
  /// One sentence that names the file, the place and, where there is one, the way out.
  public var description: String { "\(file) \(problem.predicate)" }
}

extension WeightFileError.Problem {
  private static let damaged = "convert or fetch it again"

  fileprivate var predicate: String {
    switch self {
    case .system(let step, let code):
      "cannot be \(step.rawValue): \(String(cString: strerror(code)))"
    case .notAFile: "is not a file"
    case .tooShort(let byteCount):
      byteCount == 0
        ? "is empty" : "is no safetensors file: it has \(byteCount) bytes, fewer than the shortest"
    case .headerLength(let length, let byteCount, let limit):
      length > UInt64(limit)
        ? "is no safetensors file: its header would have \(length) bytes, more than \(limit)"
        : "is cut short or no safetensors file: its header of \(length) bytes does not fit "
          + "the file's \(byteCount)"
    case .notSafetensors: "is no safetensors file: its header is no JSON object"
    case .headerSyntax(let error): "has a broken safetensors header: \(error)"
    case .metadata:
      "has a broken safetensors header: __metadata__ must hold nothing but strings"
    case .entry(let tensor):
      "has a broken safetensors header: \(tensor.quoted) needs a dtype, a shape and two "
        + "data_offsets"
    case .dtype(let name, let tensor):
      "holds the tensor \(tensor.quoted) of type \(name.quoted), which is not known here"
    case .shape(let tensor):
      "has a broken safetensors header: the shape of \(tensor.quoted) is impossible"
    case .offsets(let tensor, let start, let end, let available):
      "is cut short or broken: \(tensor.quoted) should take bytes \(start) to \(end) of the data, "
        + "which has \(available)"
    case .size(let tensor, let found, let expected):
      "has a broken safetensors header: \(tensor.quoted) needs \(expected) bytes but is given "
        + "\(found)"
    case .misplaced(let tensor, let start, let expected):
      "has a broken safetensors header: \(tensor.quoted) starts at byte \(start), where "
        + "\(expected) was due"
    case .dataEnd(let end, let byteCount):
      "is broken: its tensors end at byte \(end), the file at \(byteCount)"
    case .noProfile:
      "is a safetensors file of another program: run `zoo convert` on it first"
    case .headerChanged:
      "was changed since it was written: its header does not match its digest; \(Self.damaged)"
    case .tensorChanged(let tensor):
      "was changed since it was written: the tensor \(tensor.quoted) does not match its digest; "
        + Self.damaged
    case .formatVersion(let version, let known):
      "has version \(version) of the native format, this program reads version \(known): update "
        + "the program, or convert the source file again"
    case .unknownFeature(let name):
      "needs the feature \(name.quoted), which this program does not have: update it"
    case .profileSyntax(let error): "has an invalid profile: \(error)"
    case .profileField(let error): "has an invalid profile: \(error)"
    case .noDigest(let tensor): "has no digest for the tensor \(tensor.quoted); \(Self.damaged)"
    case .noTensor(let digest):
      "has a digest for \(digest.quoted) but no such tensor; \(Self.damaged)"
    case .unwritableDType(let dtype, let tensor):
      "cannot hold the tensor \(tensor.quoted): safetensors has no type \(dtype.rawValue); "
        + "save it as another type, such as complex64, or leave it out"
    case .unwritableName(let name, let limit):
      "cannot hold a tensor named \(name.quoted): a name has 1 to \(limit) bytes and is not "
        + SafetensorsHeader.metadataKey
    case .duplicateName(let name): "cannot hold two tensors named \(name.quoted)"
    case .headerTooLong(let length, let limit):
      "cannot be written: its header would have \(length) bytes, more than \(limit)"
    }
  }
}
