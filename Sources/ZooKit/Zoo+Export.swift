import Converter
import Foundation
import GraphIR
import ModelKit
import WeightFiles

/// What an export wrote.
public struct Export: Sendable {
  /// An extent of an input or output.
  public enum Extent: Hashable, Sendable {
    /// So many.
    case fixed(Int)
    /// What the caller chooses, or what follows from it, under this name.
    case open(String)
  }

  /// An input or output of the exported model.
  public struct Value: Sendable {
    /// The name.
    public let name: String
    /// The extents, outermost first.
    public let extents: [Extent]
    /// What it is, in one phrase.
    public let summary: String
  }

  /// The ONNX file.
  public let output: URL
  /// The file beside it that holds the weights, where they are too large for one file.
  public let externalData: URL?
  /// The version of ONNX's operator set.
  public let opset: Int
  /// The inputs: the one image.
  public let inputs: [Value]
  /// The outputs in their order.
  public let outputs: [Value]
  /// Labels, operating points, licence and the rest, which the file says too.
  public let description: ModelDescription
  /// The size of the file, or of both.
  public let byteCount: Int
}

/// Which image sizes an exported model takes.
public enum ExportSize: Hashable, Sendable {
  /// Every size that the network takes, where its layers do not depend on the size; else the model's
  /// resolution.
  case open
  /// The model's resolution.
  case resolution
  /// A square of so many pixels on a side.
  case square(Int)
}

extension Zoo {
  /// The operator sets that models can be exported in.
  public static let exportOpsets = ONNXExport.opsets
  /// The operator set that models are exported in where nothing else is said.
  public static let defaultExportOpset = ONNXExport.defaultOpset

  /// Writes a model as an ONNX file, for ONNX Runtime, OpenVINO, Core ML and the like.
  ///
  /// The file computes what `Model.run` does, in 32-bit floats: input `[batch, 1, height, width]`
  /// from -1024 to 1024, and all that the network needs beyond that (scaling, more channels)
  /// inside; out come the network's endpoints. Calibration is not in it: the operating points are
  /// among what the file says of the model, and its documentation tells how to apply them.
  ///
  /// The same model gives the same bytes. Weights keep their type, be it float16, and are cast where
  /// they are used. A file above 2,000,000,000 bytes would be beyond protobuf's readers: then the
  /// weights go to a second one, `NAME.data`, which must stay beside the first.
  ///
  /// - Parameters:
  ///   - name: a model's name or alias, or the path of a native file or of a checkpoint.
  ///   - output: the ONNX file; the model's name with the extension `.onnx` where nil.
  ///   - outputs: the endpoints to export, in this order; all where nil.
  ///   - opset: one of `exportOpsets`.
  ///   - size: which image sizes the file takes.
  /// - Returns: what was written where.
  /// - Throws: an error that names the model or file and the reason; nothing is left half-written.
  @discardableResult
  public func export(
    _ name: String, to output: String? = nil, outputs: [String]? = nil,
    opset: Int = defaultExportOpset, size: ExportSize = .open
  ) throws -> Export {
    try export(
      name, to: output, outputs: outputs, opset: opset, size: size,
      largestFile: ONNXFile.largestFile)
  }

  /// The same with another limit of what one file can hold.
  @discardableResult
  package func export(
    _ name: String, to output: String?, outputs: [String]?, opset: Int, size: ExportSize,
    largestFile: Int
  ) throws -> Export {
    let model = try load(name)
    let wanted = outputs ?? model.endpoints.map(\.name)
    for endpoint in wanted { try model.require(endpoint) }
    let path = output ?? model.description.name + ".onnx"
    let sources = try sources(of: name)
    let destination = try Destination(path, inputs: sources).url
    let export = try locating(name) {
      try model.onnx(outputs: wanted.withoutRepetitions, opset: opset, size: size)
    }
    let file = try locating(path) {
      try ONNXFile(
        export, ONNXFile.Description(model),
        externalName: destination.lastPathComponent + ".data", largestFile: largestFile)
    }
    let data = try file.externalByteCount.map { _ in
      try Destination(destination.relativePath + ".data", inputs: sources).url
    }
    try write(file, to: destination, data: data)
    return Export(
      output: destination, externalData: data, opset: opset,
      inputs: export.inputs.map { Export.Value($0, "a grey image, -1024 to 1024") },
      outputs: export.outputs.map { output in
        Export.Value(output, model.endpoints.first { $0.name == output.name }?.summary ?? "")
      },
      description: model.description,
      byteCount: file.byteCount + (file.externalByteCount ?? 0))
  }

  /// The files that an export must not replace.
  private func sources(of name: String) throws -> [String] {
    switch try reference(name) {
    case .entry(let entry): [cache.url(of: entry.name).path]
    case .file(let path): [path]
    }
  }

  /// Writes both files before either gets its name, the model's last: there is no model without its
  /// weights.
  private func write(
    _ file: ONNXFile, to url: URL, data dataURL: URL?
  ) throws {
    let model = try AtomicFile(replacing: url)
    defer { model.discard() }
    try model.append(file.writeModel)
    if let dataURL {
      let data = try AtomicFile(replacing: dataURL)
      defer { data.discard() }
      try data.append(file.writeExternalData)
      try data.commit()
    }
    try model.commit()
  }
}

extension Model {
  /// The network for one grey channel as an ONNX model.
  fileprivate func onnx(
    outputs: [String], opset: Int, size: ExportSize
  ) throws -> ONNXExport {
    let side =
      switch size {
      case .open, .resolution: description.input.resolution
      case .square(let side): side
      }
    let graph = try network(channels: 1)
    let image: Shape = [1, 1, side, side]
    try checkReconstruction(graph, of: image, endpoints: outputs)
    return try ONNXExport(
      graph, weights: weights, inputShapes: [Self.inputName: image],
      outputs: outputs, opset: opset, fixesSize: size != .open)
  }
}

extension Export.Value {
  fileprivate init(_ value: ONNXValueInfo, _ summary: String) {
    name = value.name
    extents = (value.extents ?? []).map { extent in
      switch extent {
      case .fixed(let count): .fixed(count)
      case .named(let name): .open(name)
      case .unknown: .open("?")
      }
    }
    self.summary = summary
  }

  /// The extents for people, such as `batch×18`.
  public var shape: String { extents.map(\.description).joined(separator: "×") }
}

extension Export.Extent: CustomStringConvertible {
  /// The number or the name.
  public var description: String {
    switch self {
    case .fixed(let count): String(count)
    case .open(let name): name
    }
  }
}

extension AtomicFile {
  /// Writes pieces one behind the other.
  fileprivate func append(
    _ pieces: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void
  ) throws {
    var offset = 0
    try pieces { piece in
      try write(piece, at: offset)
      offset += piece.count
    }
  }
}

extension [String] {
  fileprivate var withoutRepetitions: [String] {
    var seen = Set<String>()
    return filter { seen.insert($0).inserted }
  }
}
