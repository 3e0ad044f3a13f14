import Testing

@Suite struct ArithmeticTests {
  @Test(arguments: try ONNXCase.all("arithmetic"))
  func computesAsONNXRuntime(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }
}
