import GraphIR

/// Rows of a checkpoint's tensor in the order in which a network wants them, where the file says
/// itself, beside its tensors, which row is which.
///
/// A training script may save a dictionary such as `{"Atelectasis": 8, "Edema": 5}` with the weights
/// of a classifier.
public struct RowSelection: Hashable, Sendable {
  /// The key of that dictionary; of an archive of several checkpoints with the member's path before
  /// it, as the tensors' names have it.
  public let table: String
  /// The dictionary's entries whose rows are wanted, in this order.
  public let entries: [String]
  /// How many rows, one behind the other, belong to an entry: those from `width` times its number on.
  public let width: Int

  /// Describes a selection.
  ///
  /// - Parameters:
  ///   - table: the key of the dictionary.
  ///   - entries: what is wanted of it.
  ///   - width: rows of an entry, at least 1.
  public init(table: String, entries: [String], width: Int = 1) {
    precondition(width > 0, "an entry has rows")
    self.table = table
    self.entries = entries
    self.width = width
  }

  /// Finds the rows.
  ///
  /// - Parameters:
  ///   - table: the dictionary of the file; nil where it has none.
  ///   - shape: the tensor's.
  /// - Returns: those of the first entry first.
  /// - Throws: `RowFault` where the dictionary does not describe such a tensor.
  package func rows(in table: [String: Int]?, of shape: Shape) throws(RowFault) -> [Int] {
    guard let table else { throw .noTable(self.table) }
    let (expected, overflow) = table.count.multipliedReportingOverflow(by: width)
    guard let found = shape.first, !overflow, found == expected else {
      throw .rowCount(table: self.table, expected: overflow ? .max : expected, found: shape)
    }
    var rows = [Int]()
    for entry in entries {
      guard let number = table[entry] else { throw .noEntry(entry, table: self.table) }
      guard (0..<table.count).contains(number) else {
        throw .number(number, entry: entry, table: self.table)
      }
      rows += (0..<width).map { number * width + $0 }
    }
    return rows
  }
}

/// Why a file does not say which rows of a tensor are wanted.
public enum RowFault: Error, Hashable, Sendable {
  /// No such dictionary beside the tensors.
  case noTable(String)
  /// A dictionary without a wanted entry.
  case noEntry(String, table: String)
  /// An entry whose number is that of no row.
  case number(Int, entry: String, table: String)
  /// A tensor with another number of rows than the dictionary has entries, or a multiple.
  case rowCount(table: String, expected: Int, found: Shape)
}
