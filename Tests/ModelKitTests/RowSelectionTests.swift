import GraphIR
import ModelKit
import Testing

/// Which rows of a tensor a file's own dictionary says are wanted.
struct RowSelectionTests {
  static let table = ["A": 2, "B": 0, "C": 1]

  @Test func rowsInTheOrderOfTheEntries() throws {
    #expect(
      try RowSelection(table: "t", entries: ["A", "B"]).rows(in: Self.table, of: [3, 7]) == [2, 0])
    #expect(
      try RowSelection(table: "t", entries: ["C", "A"], width: 3).rows(in: Self.table, of: [9])
        == [3, 4, 5, 6, 7, 8])
  }

  static let faults: [([String: Int]?, Shape, RowFault)] = [
    (nil, [3, 7], .noTable("t")),
    (["B": 0, "C": 1, "D": 2], [3, 7], .noEntry("A", table: "t")),
    (["A": 3, "B": 0, "C": 1], [3, 7], .number(3, entry: "A", table: "t")),
    (["A": -1, "B": 0, "C": 1], [3, 7], .number(-1, entry: "A", table: "t")),
    (["A": .max, "B": 0, "C": 1], [3, 7], .number(.max, entry: "A", table: "t")),
    (table, [4, 7], .rowCount(table: "t", expected: 3, found: [4, 7])),
    (table, [2, 7], .rowCount(table: "t", expected: 3, found: [2, 7])),
    (table, [], .rowCount(table: "t", expected: 3, found: [])),
    ([:], [0], .noEntry("A", table: "t")),
  ]

  @Test(arguments: faults)
  func isRefused(_ table: [String: Int]?, _ shape: Shape, _ fault: RowFault) {
    let error = #expect(throws: RowFault.self) {
      _ = try RowSelection(table: "t", entries: ["A"]).rows(in: table, of: shape)
    }
    #expect(error == fault)
  }
}
