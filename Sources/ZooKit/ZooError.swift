import GraphIR
import ModelKit

/// Why the zoo could not do what it was asked for.
public enum ZooError: Error, Equatable, Sendable {
  /// No architecture has this id.
  case unknownArchitecture(String, known: [String])
  /// The tensors of a file belong to no known architecture.
  case unrecognized(file: String, tensorCount: Int, known: [String])
  /// The tensors are an architecture's, but not quite; `needed` is how many parameters it has.
  case mismatch(file: String, architecture: String, needed: Int, [TensorMismatch])
  /// The tensors are an architecture's, in a configuration of which no network can be made.
  case impossible(file: String, architecture: String, reason: String)
  /// The tensors are an architecture's, but the code in the file does something else with them.
  case otherCode(file: String, architecture: String, CodeDifference)
  /// The tensors are an architecture's, but what the code in the file does cannot be told; `reason`
  /// are the words behind “its code”.
  case unreadableCode(file: String, architecture: String, reason: String)
  /// The file holds another network of the right family than the model wants.
  case otherConfiguration(file: String, model: String, expected: JSONValue, found: JSONValue)
  /// The file's architecture is not the one that the model wants.
  case otherArchitecture(file: String, model: String, expected: String, found: String)
  /// The file is that of another published model than was asked for.
  case otherModel(file: String, model: String, found: String)
  /// The model's weights are not on this machine.
  case notCached(model: String, url: String?)
  /// The file is not the published one.
  case otherDigest(file: String, model: String)
  /// A name is neither a model nor a file.
  case unknownModel(String, nearest: String?)
  /// The model has no output of this name.
  case noEndpoint(model: String, endpoint: String, known: [String])
  /// The model has no outputs of that kind; `has` is the kind that it has for its labels, if any.
  case noSuchOutputs(
    model: String, wanted: Endpoint.Kind, known: [String], has: Endpoint.Kind?)
  /// The model gives probabilities or a quantity and not what was wanted.
  case otherOutput(model: String, wanted: String, gives: String)
  /// The model has no operating points of this name.
  case noOperatingPoints(model: String, name: String, known: [String])
  /// A graph of its own where the weights of an architecture are asked for.
  case graphIsNoArchitecture(file: String, architecture: String)
  /// A graph of its own where a model with labels and endpoints is asked for.
  case graphIsNoModel(file: String)
  /// The model has no input of this name.
  case noInput(model: String, input: String, known: [String])
  /// An input of the model was not given.
  case missingInput(model: String, input: String)
  /// An input holds no real numbers.
  case inputType(input: String, found: DType)
  /// An input of whole numbers has larger ones than the runtime can tell apart.
  case indexTooLarge(input: String)
  /// The model would make a reconstruction of another size than the image; `side` is its own.
  case reconstructionSize(model: String, image: Shape, found: Shape, side: Int)
  /// The network gives infinities or NaN instead of numbers.
  case notFinite(model: String, endpoint: String)
  /// Fewer members are asked of what is no ensemble of networks.
  case noEnsemble(file: String)
  /// The network has more or fewer outputs than there are labels.
  case labelCount(model: String, labels: Int, outputs: Int)
  /// The network's maps are of other sizes than its input, or not one a label.
  case mapShape(model: String, found: Shape, expected: Shape)
  /// A tensor is not `[batch, channels, height, width]`.
  case tensorRank(Shape)
  /// A file could not be read or written.
  case file(String, reason: String)
  /// An array file is malformed or of an unsupported kind.
  case array(file: String, reason: String)
  /// An input has more numbers than the limit.
  case inputTooLarge(Shape, limit: Int)
  /// The output would replace the input.
  case outputIsInput(String)
}

extension ZooError: CustomStringConvertible {
  /// One sentence; below that of a mismatch, the differences, a line each.
  public var description: String { lines.joined(separator: "\n") }

  /// The lines of the description; none of them holds a line break of a tensor's name.
  public var lines: [String] {
    guard case .mismatch(_, _, _, let mismatches) = self else { return [sentence] }
    let rest = mismatches.count - Self.longestList
    return [sentence + ":"] + mismatches.prefix(Self.longestList).map { "  \($0)" }
      + (rest > 0 ? ["  and \(rest) more"] : [])
  }

  /// The description without the differences of a mismatch.
  var sentence: String {
    switch self {
    case .unknownArchitecture(let id, let known):
      "there is no architecture \"\(id)\"\(suggestion(id, known)) known are "
        + known.joined(separator: ", ")
    case .unrecognized(let file, let count, let known):
      "\(file): its \(count) tensors belong to no known architecture "
        + "(\(known.joined(separator: ", "))); zoo inspect lists them"
    case .mismatch(let file, let architecture, let needed, let mismatches):
      "\(file): not quite a \(architecture), of whose \(needed) parameters "
        + "\(needed - mismatches.count(where: \.isOfParameter)) fit; zoo convert --plain takes the "
        + "tensors as they are"
    case .impossible(let file, let architecture, let reason):
      "\(file): looks like a \(architecture), but \(reason); zoo convert --plain takes the tensors "
        + "as they are"
    case .otherCode(let file, let architecture, let difference):
      "\(file): has the tensors of a \(architecture), but its own code computes something else: "
        + "\(difference); zoo convert --plain takes the tensors as they are"
    case .unreadableCode(let file, let architecture, let reason):
      "\(file): has the tensors of a \(architecture), but its code \(reason), so that nothing says "
        + "what is computed with them; zoo convert --plain takes the tensors as they are"
    case .otherConfiguration(let file, let model, let expected, let found):
      "\(file): holds another network than \(model): "
        + Self.differences(expected: expected, found: found)
    case .otherArchitecture(let file, let model, let expected, let found):
      "\(file): holds a \(found), \(model) is a \(expected)"
    case .otherModel(let file, let model, let found):
      "\(file): holds the weights of \(found) and not of \(model); ask for \(found), or give a file "
        + "of \(model)"
    case .notCached(let model, let url):
      "\(model) is not on this machine, and this version does not download; "
        + (url.map { "get \($0) and run: zoo fetch \(model) --from FILE" }
          ?? "run: zoo fetch \(model) --from FILE")
    case .otherDigest(let file, let model):
      "\(file): is not the published file of \(model) (its SHA-256 differs); delete it, "
        + "or name it outright with: zoo fetch \(model) --from FILE"
    case .unknownModel(let name, let nearest):
      "\(name) is neither a model nor a file"
        + (nearest.map { "; did you mean \($0)?" } ?? "; zoo list shows the models")
    case .notFinite(let model, let endpoint):
      "\(model): its \(endpoint) are not all numbers, so nothing is said of this image; check the "
        + "weights it was made from"
    case .reconstructionSize(let model, let image, let found, let side):
      "\(model) would reconstruct a \(image) image as one of \(found); bring it to \(side)×\(side) "
        + "first"
    case .noEndpoint(let model, let endpoint, let known):
      "\(model) has no output \"\(endpoint)\"\(suggestion(endpoint, known)) known are "
        + known.joined(separator: ", ")
    case .noSuchOutputs(let model, let wanted, let known, let has):
      "\(model) has no \(wanted.words); it gives \(known.joined(separator: ", "))"
        + (has.map { ": use \($0.verb)" } ?? "")
    case .otherOutput(let model, let wanted, let gives):
      "\(model) gives \(gives) and no \(wanted); leave --output out"
    case .noOperatingPoints(let model, let name, let known):
      "\(model) has no operating points \"\(name)\""
        + (known.isEmpty
          ? "" : "\(suggestion(name, known)) known are \(known.joined(separator: ", "))")
    case .graphIsNoArchitecture(let file, let architecture):
      "\(file): is an ONNX graph, which runs as it is and is no \(architecture); leave --as and "
        + "--architecture out"
    case .graphIsNoModel(let file):
      "\(file): is an ONNX graph, of which nothing is known but its inputs and outputs; use zoo run"
    case .noInput(let model, let input, let known):
      "\(model) has no input \"\(input)\"\(suggestion(input, known)) known are "
        + known.joined(separator: ", ")
    case .missingInput(let model, let input):
      "\(model): the input \"\(input)\" is not given; add --input \(input)=FILE.npy"
    case .inputType(let input, let found):
      "the input \"\(input)\" holds \(found.rawValue) values; real numbers are needed"
    case .indexTooLarge(let input):
      "the input \"\(input)\" holds whole numbers of 2^24 or more, which are not told apart"
    case .noEnsemble(let file):
      "\(file): is no ensemble of networks; leave --members out"
    case .labelCount(let model, let labels, let outputs):
      "\(model): has \(outputs) outputs and \(labels) labels"
    case .mapShape(let model, let found, let expected):
      "\(model): gives \(found) maps; \(expected) are needed, a map for each label and as large as "
        + "the image it sees"
    case .tensorRank(let shape):
      "a \(shape) tensor is no batch of images; [batch, channels, height, width] is needed"
    case .file(let file, let reason): "\(file): \(reason)"
    case .array(let file, let reason): "\(file): \(reason)"
    case .inputTooLarge(let shape, let limit):
      "a \(shape) input is too large: \(limit) numbers are the most"
    case .outputIsInput(let file):
      "\(file): the output would replace the input; give it another name"
    }
  }

  private func suggestion(_ name: String, _ known: [String]) -> String {
    nearestName(to: name, in: known).map { "; did you mean \($0)?" } ?? ";"
  }

  /// The most differences that a message tells.
  private static let longestList = 10

  private static func differences(expected: JSONValue, found: JSONValue) -> String {
    guard case .object(let expected) = expected, case .object(let found) = found else {
      return "its configuration differs"
    }
    return expected.keys.sorted().filter { expected[$0] != found[$0] }.map {
      "\($0) is \(found[$0]?.text ?? "missing") instead of \(expected[$0]?.text ?? "nothing")"
    }.joined(separator: ", ")
  }
}

extension Endpoint.Kind {
  fileprivate var words: String {
    switch self {
    case .prediction: "predictions"
    case .segmentation: "masks"
    case .values: "values"
    }
  }

  /// The command that makes something of it.
  fileprivate var verb: String {
    switch self {
    case .prediction: "zoo predict"
    case .segmentation: "zoo segment"
    case .values: "zoo run"
    }
  }
}

/// Names the file in errors of parts that do not know it.
func locating<R>(_ file: String, _ body: () throws -> R) throws -> R {
  do {
    return try body()
  } catch {
    throw ZooError.file(file, reason: "\(error)")
  }
}
