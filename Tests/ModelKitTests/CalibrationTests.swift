import Foundation
import ModelKit
import Testing

@Suite struct CalibrationTests {
  struct Fixture: Decodable {
    struct Case: Decodable {
      let model: String
      let rows: [Row]
    }
    struct Row: Decodable {
      let probabilities: [UInt32]
      let calibrated: [UInt32]
    }
    let cases: [Case]
  }

  /// Every bit as the reference gives it, for the operating points of all published models.
  @Test func sameBitsAsTheReference() throws {
    let url = try #require(
      Bundle.module.url(forResource: "Fixtures/calibration", withExtension: "json"))
    let fixture = try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: url))
    let manifest = try shippedManifest()
    #expect(fixture.cases.count == 7)
    for example in fixture.cases {
      let points = try #require(manifest.entry(named: example.model).model.operatingPoints)
      let calibration = Calibration(operatingPoints: points)
      #expect(example.rows.count == 24)
      for row in example.rows {
        let calibrated = calibration(row.probabilities.map(Float.init(bitPattern:)))
        for (found, expected) in zip(calibrated, row.calibrated.map(Float.init(bitPattern:))) {
          #expect(
            found.bitPattern == expected.bitPattern || (found.isNaN && expected.isNaN),
            "\(found) instead of \(expected)")
        }
      }
    }
  }

  @Test func byHand() {
    let calibration = Calibration(operatingPoints: [0.25, 0.25, 0.25, 0.25, nil])
    #expect(calibration([0, 0.125, 0.25, 0.625, 0.9]) == [0, 0.25, 0.5, 0.75, 0.5])
  }
}
