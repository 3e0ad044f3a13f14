/// A colour of an image: sRGB, eight bits a channel.
package struct RGBColor: Sendable, Hashable {
  /// The channels.
  package var red, green, blue: UInt8

  /// Mixes a colour.
  package init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    (self.red, self.green, self.blue) = (red, green, blue)
  }

  /// A shade of grey.
  package init(gray: UInt8) { self.init(gray, gray, gray) }

  package static let black = RGBColor(gray: 0)
  package static let white = RGBColor(gray: 255)

  /// This colour under a layer of another one, in sRGB's own steps.
  ///
  /// - Parameters:
  ///   - other: the colour of the layer.
  ///   - opacity: from 0, this colour alone, to 255, the other one alone.
  /// - Returns: the mixture, rounded to nearest.
  package func under(_ other: RGBColor, opacity: UInt8) -> RGBColor {
    func mix(_ below: UInt8, _ above: UInt8) -> UInt8 {
      let sum = Int(below) * (255 - Int(opacity)) + Int(above) * Int(opacity)
      return UInt8((sum + 127) / 255)
    }
    return RGBColor(
      mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}
