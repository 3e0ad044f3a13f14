import Foundation

/// Colours that are told apart beside each other and on grey.
///
/// They lie in Oklch (Björn Ottosson, "A perceptual color space for image processing", 2020). The
/// hue moves on by the golden angle, so that any number of colours from the first on is spread
/// evenly, and the lightness takes one of three values in turn. A colour depends on its place
/// alone: a structure keeps its colour, whatever else is drawn.
package enum Palette {
  /// The colour of a place in the list, from 0; there is no end, but far ones come close to others.
  package static func color(_ index: Int) -> RGBColor {
    let lightness = lightnesses[index % lightnesses.count]
    let degrees = (Double(index) * goldenAngle + firstHue).truncatingRemainder(dividingBy: 360)
    let hue = degrees * .pi / 180
    var channels = linear(lightness, mostChroma, hue)
    if !channels.allSatisfy(isShown) {
      // The strongest colour of this hue and lightness that sRGB has.
      var (shown, beyond) = (0.0, mostChroma)
      for _ in 0..<30 {
        let middle = (shown + beyond) / 2
        if linear(lightness, middle, hue).allSatisfy(isShown) {
          shown = middle
        } else {
          beyond = middle
        }
      }
      channels = linear(lightness, shown, hue)
    }
    let bytes = channels.map(encoded)
    return RGBColor(bytes[0], bytes[1], bytes[2])
  }

  private static let lightnesses = [0.72, 0.58, 0.85]
  private static let goldenAngle = 137.50776405003785
  /// Of the hues to begin with, one with which the first dozens differ well.
  private static let firstHue = 20.0
  /// Stronger than that, some hues would outshine the others.
  private static let mostChroma = 0.2

  private static func isShown(_ channel: Double) -> Bool { (0...1).contains(channel) }

  /// Oklch to linear red, green and blue.
  private static func linear(_ lightness: Double, _ chroma: Double, _ hue: Double) -> [Double] {
    let (a, b) = (chroma * cos(hue), chroma * sin(hue))
    func cube(_ x: Double) -> Double { x * x * x }
    let l = cube(lightness + 0.3963377774 * a + 0.2158037573 * b)
    let m = cube(lightness - 0.1055613458 * a - 0.0638541728 * b)
    let s = cube(lightness - 0.0894841775 * a - 1.2914855480 * b)
    return [
      4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
      -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
      -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s,
    ]
  }

  /// The transfer function of IEC 61966-2-1.
  private static func encoded(_ channel: Double) -> UInt8 {
    let value = channel <= 0.0031308 ? 12.92 * channel : 1.055 * pow(channel, 1 / 2.4) - 0.055
    return UInt8((255 * min(max(value, 0), 1)).rounded())
  }
}
