import Testing

/// One image and three: a batch may be computed image by image only where that gives its numbers.
@Suite struct BatchTests {
  @Test(arguments: try ONNXCase.all("batch")) func matchesTheOracle(_ value: ONNXCase) throws {
    try value.check(tolerance: 1e-5)
  }
}
