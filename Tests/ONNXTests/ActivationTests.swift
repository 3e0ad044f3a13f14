import Testing

@Suite struct ActivationTests {
  @Test(arguments: try ONNXCase.all("activation"))
  func computesAsONNXRuntime(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }
}
