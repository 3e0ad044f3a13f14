import Testing

@Suite struct ReductionTests {
  @Test(arguments: try ONNXCase.all("reduction"))
  func computesAsONNXRuntime(_ example: ONNXCase) throws { try example.check(tolerance: 1e-5) }
}
