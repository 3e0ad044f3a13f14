/// Columns of text, aligned.
struct Table {
  private let header: [String]
  private var rows: [[String]] = []

  init(_ header: String...) { self.header = header }
  init(cells header: [String]) { self.header = header }

  mutating func add(_ row: String...) { rows.append(row) }
  mutating func add(cells row: [String]) { rows.append(row) }

  /// The lines, header first; the last column is not padded.
  var lines: [String] {
    let all = [header] + rows
    let widths = header.indices.map { column in all.map { $0[column].count }.max() ?? 0 }
    return all.map { row in
      row.indices.map { column in
        column == row.count - 1
          ? row[column]
          : row[column] + String(repeating: " ", count: widths[column] - row[column].count)
      }.joined(separator: "  ")
    }
  }

  /// Prints the lines.
  func show() { for line in lines { Terminal.print(line) } }
}

extension Float {
  /// Four decimals, as people read probabilities.
  var fourDecimals: String { fixed(4) }

  /// The shortest text that gives the same number again; JSON has no word for the rest.
  var json: String { isFinite ? "\(self)" : "null" }
}

extension Int {
  /// A number of bytes in the unit that suits it.
  var asFileSize: String {
    self < 1_000_000
      ? "\((Double(self) / 1e3).fixed(1)) kB" : "\((Double(self) / 1e6).fixed(1)) MB"
  }
}

extension BinaryFloatingPoint {
  /// A fixed number of decimals, without a locale.
  func fixed(_ decimals: Int) -> String {
    let value = Double(self)
    guard value.isFinite, abs(value) < 1e15 else { return "\(value)" }
    var scale = 1.0
    for _ in 0..<decimals { scale *= 10 }
    let scaled = (abs(value) * scale).rounded()
    let whole = Int(scaled / scale)
    let fraction = String(Int(scaled - Double(whole) * scale))
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard decimals > 0 else { return "\(sign)\(whole)" }
    let zeros = String(repeating: "0", count: max(0, decimals - fraction.count))
    return "\(sign)\(whole).\(zeros)\(fraction)"
  }
}
