import XRayZoo

/// Prints predictions as they come, in one of the formats.
struct PredictionWriter {
  private let format: PredictionFormat
  private let model: ModelDescription
  private let output: Prediction.Output
  /// What the numbers are, for people.
  private let title: String

  init(
    _ format: PredictionFormat, of model: ModelDescription, output: Prediction.Output,
    operatingPoint: String? = nil
  ) {
    self.format = format
    self.model = model
    self.output = output
    let isCalibrated = output == .calibrated && model.operatingPoints != nil
    let word = output == .calibrated && !isCalibrated ? Prediction.Output.probability : output
    title = model.unit ?? operatingPoint.map { "\(word.rawValue) by \($0)" } ?? word.rawValue
  }

  func begin() {
    switch format {
    case .json: Terminal.print("[")
    case .csv:
      Terminal.print((["image", "model"] + model.labels.names + ["error"]).csvRow)
    case .table, .jsonl: break
    }
  }

  func write(_ index: Int, _ path: String, _ outcome: ImageBatch.Outcome<Prediction>) {
    switch format {
    case .table: showTable(path, outcome)
    case .json: Terminal.print((index == 0 ? "  " : ", ") + json(path, outcome))
    case .jsonl: Terminal.print(json(path, outcome))
    case .csv: Terminal.print(csv(path, outcome))
    }
  }

  func end() {
    switch format {
    case .table:
      if let notice = model.notice { Terminal.print(notice) }
      Terminal.print(disclaimer)
    case .json: Terminal.print("]")
    case .csv, .jsonl: break
    }
  }

  /// Labels in the model's order, which a general JSON writer would sort away.
  private func json(_ path: String, _ outcome: ImageBatch.Outcome<Prediction>) -> String {
    let unit = model.unit.map { "\"unit\": \($0.json), " } ?? ""
    let head = "{\"image\": \(path.json), \"model\": \(model.name.json), \(unit)"
    switch outcome {
    case .success(let prediction):
      let scores = prediction.scores.map { "\($0.label.json): \($0.value.json)" }
      return head + "\"predictions\": {\(scores.joined(separator: ", "))}}"
    case .failure(let failure):
      return head + "\"error\": \(failure.reason.json)}"
    }
  }

  private func csv(_ path: String, _ outcome: ImageBatch.Outcome<Prediction>) -> String {
    switch outcome {
    case .success(let prediction):
      ([path, model.name] + prediction.scores.map { "\($0.value)" } + [""]).csvRow
    case .failure(let failure):
      ([path, model.name] + model.labels.names.map { _ in "" } + [failure.reason]).csvRow
    }
  }

  private func showTable(_ path: String, _ outcome: ImageBatch.Outcome<Prediction>) {
    Terminal.print("\(path.printable)   \(model.name), \(title)")
    switch outcome {
    case .success(let prediction):
      let width = prediction.scores.map(\.label.count).max() ?? 0
      let unit = model.unit.map { " \($0)" } ?? ""
      let numbers = prediction.ranked.map {
        (model.unit == nil ? $0.value.fourDecimals : $0.value.fixed(1)) + unit
      }
      let digits = numbers.map(\.count).max() ?? 0
      for (score, number) in zip(prediction.ranked, numbers) {
        let label = score.label + String(repeating: " ", count: width - score.label.count)
        let indent = String(repeating: " ", count: digits - number.count)
        Terminal.print("  \(label)  \(indent)\(number)\(bar(score.value))")
      }
    case .failure(let failure): Terminal.print("  no result: \(failure.reason.printable)")
    }
    Terminal.print("")
  }

  /// A bar for probabilities; a logit or quantity has no length.
  private func bar(_ value: Float) -> String {
    guard output != .logit, model.unit == nil, value.isFinite else { return "" }
    return "  " + String(repeating: "▇", count: Int((min(max(value, 0), 1) * 30).rounded()))
  }
}

extension String {
  /// The text as a JSON string.
  var json: String { JSONValue.string(self).text }
}

extension [String] {
  /// The cells as a line of RFC 4180.
  var csvRow: String {
    map { cell in
      cell.contains { ",\"\r\n".contains($0) }
        ? "\"" + cell.replacing("\"", with: "\"\"") + "\"" : cell
    }.joined(separator: ",")
  }
}
