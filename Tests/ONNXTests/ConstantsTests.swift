import Testing

@Suite struct ConstantsTests {
  @Test(arguments: try ONNXCase.all("constants"))
  func computesAsONNXRuntime(_ example: ONNXCase) throws { try example.check(tolerance: 0) }
}
