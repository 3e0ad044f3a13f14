import Testing

@Suite struct MovementTests {
  @Test(arguments: try ONNXCase.all("movement"))
  func computesAsONNXRuntime(_ example: ONNXCase) throws { try example.check(tolerance: 0) }
}
