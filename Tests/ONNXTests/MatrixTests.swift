import Testing

@Suite struct MatrixTests {
  @Test(arguments: try ONNXCase.all("matrix"))
  func computesAsONNXRuntime(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }
}
