import XRayZoo

@main
struct Embedding {
  static func main() async throws {
    let model = try await Zoo().model()
    let image = try XRayImage(path: CommandLine.arguments[1])
    let features = try model.features(image)
    let prediction = try model.predict(image)
    print("\(features.count) features, AP \(prediction["AP"] ?? .nan)")
  }
}
