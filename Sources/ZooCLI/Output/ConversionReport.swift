import Foundation
import XRayZoo

/// What a conversion did, for people and for programs.
struct ConversionReport {
  private let conversion: Conversion
  private let asked: DType?

  /// Tensors that people are told by name.
  private static let mostNames = 3

  init(_ conversion: Conversion, dtype asked: DType?) {
    self.conversion = conversion
    self.asked = asked
  }

  /// The lines for people.
  var notes: [String] {
    let target =
      conversion.network.map { network in
        network.architecture + (network.description.map { ", model \($0.name)" } ?? " graph")
      }
      ?? "plain safetensors"
    return conversion.facts.map { "\($0.name): \($0.value)" } + kept + rounded + [
      "\(conversion.sourceKind) → \(target), \(Self.count(conversion.tensors.count)), "
        + conversion.byteCount.asFileSize
    ]
  }

  /// The tensors that a type cannot hold.
  private var kept: [String] {
    guard let asked else { return [] }
    let names = conversion.tensors.filter { $0.isTooLarge(for: asked) }.map(\.name)
    guard !names.isEmpty else { return [] }
    let more = names.count - Self.mostNames
    return [
      "not rounded, too large for \(asked.rawValue): "
        + names.prefix(Self.mostNames).joined(separator: ", ")
        + (more > 0 ? " and \(more) more" : "")
    ]
  }

  /// The whole loss, and the tensors that lost most.
  private var rounded: [String] {
    let tensors = conversion.tensors.compactMap { tensor in
      tensor.rounding.map { (name: tensor.name, loss: $0) }
    }
    guard let asked, let worst = conversion.rounding else { return [] }
    let total = "rounded \(Self.count(tensors.count)) to \(asked.rawValue): \(worst.words)"
    guard tensors.count > 1, worst != Rounding() else { return [total] }
    let leading = tensors.sorted { ($0.loss.absolute, $1.name) > ($1.loss.absolute, $0.name) }
    return [total]
      + leading.prefix(Self.mostNames).map { "  \($0.name): \($0.loss.words)" }
  }

  private static func count(_ tensors: Int) -> String {
    "\(tensors) \(tensors == 1 ? "tensor" : "tensors")"
  }

  /// The document for programs.
  var json: JSONValue {
    let network = conversion.network.map { network in
      JSONValue.object([
        "architecture": .object([
          "id": .string(network.architecture), "configuration": network.configuration,
        ]),
        "model": network.description.map { .string($0.name) } ?? .null,
      ])
    }
    let facts = conversion.facts.map { fact in
      JSONValue.object(["name": .string(fact.name), "value": .string(fact.value)])
    }
    return .object([
      "output": .string(conversion.output.relativePath),
      "sourceKind": .string(conversion.sourceKind),
      "sourceSHA256": conversion.sourceDigest.map { .string($0) } ?? .null,
      "network": network ?? .null, "bytes": .integer(conversion.byteCount),
      "metadata": .array(facts), "rounding": conversion.rounding?.json ?? .null,
      "tensors": .array(conversion.tensors.map(\.json)),
    ])
  }
}

extension Conversion.ConvertedTensor {
  /// Whether it kept its type for the sake of its numbers.
  fileprivate func isTooLarge(for asked: DType) -> Bool {
    source == dtype && dtype != asked && source.canRound(to: asked)
  }

  fileprivate var json: JSONValue {
    .object([
      "name": .string(name), "shape": .array(shape.map { .integer($0) }),
      "sourceDtype": .string(source.rawValue), "dtype": .string(dtype.rawValue),
      "rounding": rounding?.json ?? .null,
    ])
  }
}

extension Rounding {
  /// Three digits are enough for people.
  fileprivate var words: String {
    String(format: "at most %.3g absolute, %.3g relative", absolute, relative)
  }

  fileprivate var json: JSONValue {
    .object(["absolute": .number(absolute), "relative": .number(relative)])
  }
}
