import XRayZoo

/// Prints what was found on images as they come.
struct SegmentationWriter {
  private let format: ReportFormat
  private let model: ModelDescription
  private let size: Segmentation.Size

  init(_ format: ReportFormat, of model: ModelDescription, size: Segmentation.Size) {
    self.format = format
    self.model = model
    self.size = size
  }

  func begin() { if format == .json { Terminal.print("[") } }

  func write(_ index: Int, _ path: String, _ outcome: ImageBatch.Outcome<SegmentationReport>) {
    switch format {
    case .json: Terminal.print((index == 0 ? "  " : ", ") + json(path, outcome).text)
    case .table: showTable(path, outcome)
    }
  }

  func end() {
    switch format {
    case .json: Terminal.print("]")
    case .table:
      if let notice = model.notice { Terminal.print(notice) }
      Terminal.print(disclaimer)
    }
  }

  private func json(
    _ path: String, _ outcome: ImageBatch.Outcome<SegmentationReport>
  ) -> JSONValue {
    var members: [String: JSONValue] = ["image": .string(path), "model": .string(model.name)]
    switch outcome {
    case .success(let report): members.merge(report.members) { $1 }
    case .failure(let failure): members["error"] = .string(failure.reason)
    }
    return .object(members)
  }

  private func showTable(_ path: String, _ outcome: ImageBatch.Outcome<SegmentationReport>) {
    switch outcome {
    case .success(let report):
      let pixels = size == .model ? "the model's square" : "the image"
      Terminal.print(
        "\(path.printable)   \(model.name), \(report.width)×\(report.height) pixels of \(pixels)")
      var table = Table("STRUCTURE", "PIXELS", "PART", "CENTROID", "BOX", "FILE")
      for row in report.rows {
        let part = "\((row.fraction * 100).fixed(1)) %"
        let area = "\(row.region?.areaPixels ?? 0)"
        let places = row.region.map { region in
          let box = region.boundingBox
          return [
            "\(region.centroid.x.fixed(1)), \(region.centroid.y.fixed(1))",
            "\(box.width)×\(box.height) at \(box.x), \(box.y)",
          ]
        }
        table.add(
          cells: [row.label.printable, area, part] + (places ?? ["", ""]) + [row.file.printable])
      }
      table.show()
      if let ratio = report.ratio {
        Terminal.print(
          "cardiothoracic ratio \(ratio.value.fixed(3)): heart \(ratio.heartWidth) columns, thorax "
            + "\(ratio.thoraxWidth)")
      }
      Terminal.print("all together: \(report.overlay.printable)")
    case .failure(let failure):
      Terminal.print("\(path.printable)   \(model.name)")
      Terminal.print("  no result: \(failure.reason.printable)")
    }
    Terminal.print("")
  }
}
