import Imaging
import Testing

/// Files made to do harm: each is refused, or decoded to as many samples as its header says.
struct HostileImageTests {
  @Test(arguments: ["gray8.png", "rgba16-interlaced.png", "palette4.png"])
  func pngCutAnywhereIsAnError(name: String) throws {
    let bytes = try Fixture.bytes("images/\(name)")
    for count in 0..<bytes.count {
      let reason = refusal(of: Array(bytes.prefix(count)))
      if count == 0 {
        #expect(reason == .empty)
      } else if count >= 8 {
        #expect(reason == .truncated(.png), "\(name) cut to \(count)")
      } else {
        #expect(reason != nil, "\(name) cut to \(count)")
      }
    }
  }

  @Test(arguments: ["gray.jpg", "rgb420.jpg", "progressive420.jpg", "progressive-gray.jpg"])
  func jpegCutAnywhereIsAnError(name: String) throws {
    let bytes = try Fixture.bytes("images/\(name)")
    for count in 0..<bytes.count {
      let reason = refusal(of: Array(bytes.prefix(count)))
      if count >= 3 {
        #expect(
          reason == .truncated(.jpeg), "\(name) cut to \(count): \(String(describing: reason))")
      } else {
        #expect(reason != nil, "\(name) cut to \(count)")
      }
    }
  }

  /// Checksums cover all of a PNG but its signature and lengths, which must fit as well.
  @Test(arguments: ["gray1.png", "gray8.png", "palette4-interlaced.png", "gamma.png"])
  func pngWithAnyBitFlippedIsAnError(name: String) throws {
    let bytes = try Fixture.bytes("images/\(name)")
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << bit
        #expect(refusal(of: flipped) != nil, "\(name): bit \(bit) of byte \(index)")
      }
    }
  }

  /// JPEG has no checksums: what still decodes has the size that its header says.
  @Test(arguments: ["gray.jpg", "rgb420.jpg", "progressive420.jpg", "scans64.jpg", "keep-rgb.jpg"])
  func jpegWithAnyBitFlippedIsHarmless(name: String) throws {
    let bytes = try Fixture.bytes("images/\(name)")
    var refused = 0
    for index in bytes.indices {
      for bit in 0..<8 {
        var flipped = bytes
        flipped[index] ^= 1 << bit
        do throws(ImageError) {
          let decoded = try decode(flipped)
          #expect(decoded.samples.count == decoded.header.width * decoded.header.height)
          #expect(decoded.samples.allSatisfy { $0 <= 255 })
        } catch {
          refused += 1
        }
      }
    }
    #expect(refused > bytes.count, "damage in the headers at least is noticed")
  }

  @Test func lyingSizesAreRefusedBeforeMemoryIsReserved() throws {
    #expect(
      refusal(of: try Fixture.bytes("images/huge-side.png"))
        == .tooManyPixels(width: 40000, height: 1))
    #expect(
      refusal(of: try Fixture.bytes("images/huge-area.png"))
        == .tooManyPixels(width: 32768, height: 32768))
    // Within the limits, but 200 bytes can't hold 64 million pixels however well they shrink.
    #expect(refusal(of: try Fixture.bytes("images/large-and-empty.png")) == .truncated(.png))

    // The height and width of the frame header follow its length and precision.
    var jpeg = try Fixture.bytes("images/gray.jpg")
    let frame = try #require(
      (0..<jpeg.count - 1).first { jpeg[$0] == 0xFF && jpeg[$0 + 1] == 0xC0 })
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0xFF, 0xDC, 0xFF, 0xDC])
    #expect(refusal(of: jpeg) == .tooManyPixels(width: 65500, height: 65500))
    // Sides of 8192: within the limits, but not of 600 bytes.
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0x20, 0, 0x20, 0])
    #expect(refusal(of: jpeg) == .truncated(.jpeg))
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [2, 0, 2, 0])
    guard case .damaged(.jpeg, _) = refusal(of: jpeg) else {
      Issue.record("512 x 512 claimed for 37 x 29: \(String(describing: refusal(of: jpeg)))")
      return
    }
    jpeg.replaceSubrange(frame + 5..<frame + 9, with: [0, 0, 0, 0])
    guard case .damaged(.jpeg, _) = refusal(of: jpeg) else {
      Issue.record("no pixels at all")
      return
    }
  }

  @Test func missingRowsAreAnError() throws {
    guard case .damaged(.png, let words) = refusal(of: try Fixture.bytes("images/missing-rows.png"))
    else {
      Issue.record("five rows of eleven")
      return
    }
    #expect(words.contains("data"))
  }

  @Test func scansOfAJPEGAreCounted() throws {
    #expect(try decode(Fixture.bytes("images/scans64.jpg")).samples.allSatisfy { $0 == 128 })
    #expect(
      refusal(of: try Fixture.bytes("images/scans127.jpg"))
        == .damaged(.jpeg, "more than 100 scans"))
  }

  @Test func inkColorsAreRefused() throws {
    #expect(refusal(of: try Fixture.bytes("images/cmyk.jpg")) == .unsupportedColor(.cmyk))
  }

  @Test func unusualJPEGsAreRefusedAsSuch() throws {
    let bytes = try Fixture.bytes("images/gray.jpg")
    let frame = try #require(
      (0..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xC0 })
    var twelveBits = bytes
    twelveBits[frame + 4] = 12
    guard case .unsupportedEncoding(.jpeg, let words) = refusal(of: twelveBits) else {
      Issue.record("12 bits: \(String(describing: refusal(of: twelveBits)))")
      return
    }
    #expect(words.contains("12"))
    var lossless = bytes
    lossless[frame + 1] = 0xC3
    guard case .unsupportedEncoding(.jpeg, _) = refusal(of: lossless) else {
      Issue.record("lossless: \(String(describing: refusal(of: lossless)))")
      return
    }
  }
}
