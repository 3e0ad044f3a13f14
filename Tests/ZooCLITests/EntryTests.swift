import Foundation
import Testing

/// `zoo info` and `zoo list` on published models, beside what upstream says of them.
@Suite struct EntryTests {
  private let zoo: Zoo

  init() throws { zoo = try Zoo() }

  private func info(_ model: String) throws -> Zoo.Run {
    let run = try zoo("info", model)
    run.expectSuccess()
    #expect(run.errors.isEmpty)
    return run
  }

  /// The value beside a key in the first table.
  private func value(_ key: String, _ run: Zoo.Run) -> String? {
    run.lines.first { $0.hasPrefix(key + "  ") }
      .map { $0.dropFirst(key.count).trimmingCharacters(in: .whitespaces) }
  }

  static let scalings: [(model: String, name: String, side: Int, scaling: String?)] = [
    ("resnet50-res512-all", "resnet50-res512-all", 512, nil),
    ("jf", "jfhealthcare-densenet121", 512, "from -2 to 2"),
    ("chexpert", "chexpert-densenet121-ensemble", 320, "from -2 to 2"),
    ("chestx_det", "chestx-det-pspnet", 512, "from 0 to 1, then ImageNet's mean and deviation"),
    ("cxas", "cxas-unet-resnet50", 512, "from 0 to 1, then ImageNet's mean and deviation"),
    ("xinario", "xinario-view", 224, "from 0 to 1, then ImageNet's mean and deviation"),
    ("race", "emory-hiti-race", 320, "from 0 to 1, then ImageNet's mean and deviation"),
    ("sex", "mira-sex", 224, "from 0 to 255"),
    ("age", "riken-age", 320, "from 0 to 1, then ImageNet's mean and deviation"),
    ("101-elastic", "resnetae-101-elastic", 224, nil),
  ]

  @Test(arguments: scalings)
  func inputs(_ model: String, _ name: String, _ side: Int, _ scaling: String?) throws {
    let run = try info(model)
    #expect(value("model", run) == name)
    #expect(value("input", run) == "\(side)×\(side), values from -1024 to 1024")
    #expect(value("scaling", run) == scaling.map { $0 + ", inside the network" })
    #expect(value("gives", run) == (name == "riken-age" ? "years" : nil))
    #expect(value("cached", run) == "no")
    let isSensitive = ["emory-hiti-race", "mira-sex", "riken-age"].contains(name)
    #expect(
      (value("notice", run)?.lowercased().contains("for research only") == true) == isSensitive)
  }

  @Test func everySetOfOperatingPointsHasAColumn() throws {
    let run = try info("resnet50-res512-all")
    #expect(run.text.contains("\nOUTPUT  LABEL                       OPERATING POINT  PPV80\n"))
    #expect(run.text.contains("\n0       Atelectasis                 0.51570356       0.690908\n"))
    #expect(run.text.contains("\n14      Lung Lesion                 none             none\n"))
    #expect(run.text.contains("\n16      Lung Opacity                0.5138526        0.7135549\n"))
    #expect(try info("all").text.contains("OPERATING POINT  PPV80\n"))
    #expect(try !info("nih").text.contains("PPV80"))
    // What makes images has no labels and no table of them.
    #expect(try !info("101-elastic").text.contains("LABEL"))
  }

  @Test func listHasARowForEach() throws {
    let run = try zoo("list")
    run.expectSuccess()
    for (name, aliases, rest) in [
      ("jfhealthcare-densenet121", "jfhealthcare, jf", ["5", "512"]),
      ("chestx-det-pspnet", "chestx-det, chestx_det, pspnet", ["14", "512"]),
      ("cxas-unet-resnet50", "chestx-anatomy, chestx_anatomy, cxas", ["159", "512"]),
      ("riken-age", "riken, age", ["1", "320"]),
      ("resnetae-101-elastic", "101-elastic, resnetae", ["0", "224"]),
      ("mira-sex", "mira, sex", ["2", "224"]),
    ] {
      let line = try #require(run.lines.first { $0.hasPrefix(name + " ") })
      #expect(line.contains(aliases))
      let words = line.dropFirst(name.count + 2).drop { $0 == " " }.dropFirst(aliases.count)
        .split(separator: " ").map(String.init)
      #expect(words == rest + ["no"])
    }
  }
}
