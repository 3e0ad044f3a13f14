import GraphIR

/// What the `forward` of a TorchScript archive computes: the calls of PyTorch's operators that lead
/// from its input to its result.
///
/// The code is followed as text, with names in the place of tensors; nothing of it is executed.
package struct ScriptTrace: Sendable {
  /// A tensor.
  package enum Node: Hashable, Sendable {
    case input
    /// A tensor of the module, by its name in `state_dict()`.
    case parameter(String)
    /// What an operator makes, by its name without `torch.` and without the `_` of the form that
    /// works in place.
    case call(String, [Operand], keywords: [String: Operand])
    /// Something that cannot be told, such as the second result of an operator.
    case unknown(Int)
  }

  /// What an operator is given.
  package enum Operand: Hashable, Sendable {
    /// A tensor, by its place in `nodes`.
    case node(Int)
    case constant(ScriptConstant)
    case list([Operand])
    /// How many images there are.
    case batch
    /// A number that depends on the image's size, say.
    case unknown
  }

  /// Each behind those that it depends on; equal calls are one.
  package let nodes: [Node]
  /// The place of what `forward` returns.
  package let result: Int

  /// Follows an archive's code.
  ///
  /// - Parameter path: a TorchScript archive.
  /// - Returns: the trace, or why the code could not be followed.
  /// - Throws: `CheckpointError` where the archive cannot be read.
  package static func follow(
    contentsOf path: String
  ) throws(CheckpointError) -> Result<ScriptTrace, ScriptProblem> {
    try follow(try ByteStorage.checkpoint(path), file: path)
  }

  package static func follow(
    _ storage: ByteStorage, file: String
  ) throws(CheckpointError) -> Result<ScriptTrace, ScriptProblem> {
    let archive = try ZipArchive(storage, file: file)
    let zip = try TorchZip(archive)
    let object = try zip.object()
    let code = ScriptCode(archive, prefix: zip.prefix)
    var evaluator = ScriptEvaluator(object.heap, code)
    do throws(ScriptStop) {
      return .success(try evaluator.follow(object.root))
    } catch {
      switch error {
      case .problem(let problem): return .failure(problem)
      case .file(let error): throw error
      // An exception that the code itself raises whatever the image is.
      case .raised: return .failure(ScriptProblem(.raises, place: evaluator.place))
      }
    }
  }
}

/// Why the code of an archive could not be followed.
package struct ScriptProblem: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    /// The module has no code, or the code calls what is not there.
    case missing
    /// It is no code that PyTorch writes.
    case syntax
    /// Which way it goes depends on the image.
    case undecided
    /// It is too long, runs for too long, or is nested too deeply.
    case tooLong
    /// It ends in an exception for every image.
    case raises
    /// It returns something else than one tensor.
    case result
  }

  package let reason: Reason
  /// The function, as far as it is known.
  package let place: String

  package init(_ reason: Reason, place: String) {
    self.reason = reason
    self.place = place
  }

  /// Words behind “its code”.
  package var description: String {
    let place = quoted(self.place)
    return switch reason {
    case .missing: "lacks \(place), which it calls"
    case .syntax: "is not written as PyTorch writes it in \(place)"
    case .undecided: "goes different ways for different images in \(place)"
    case .tooLong: "is longer or deeper than any real network's in \(place)"
    case .raises: "ends in an exception in \(place)"
    case .result: "does not return one tensor in \(place)"
    }
  }
}

/// What ends the following of code.
enum ScriptStop: Error {
  case problem(ScriptProblem)
  case file(CheckpointError)
  /// The code raises an exception.
  case raised
}
