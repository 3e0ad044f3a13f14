import Converter
import GraphIR
import Testing

/// Code of TorchScript archives that was written by hand to trap, to hang or to fill the memory.
@Suite struct HostileCodeTests {
  typealias P = PickleBytes

  /// Follows the code of a module `Net` with a tensor `w`.
  private func follow(_ body: String, rest: String = "") throws -> Result<
    ScriptTrace, ScriptProblem
  > {
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
      .map { "    " + $0 }.joined(separator: "\n")
    let code =
      "class Net(Module):\n  __parameters__ = [\"w\", ]\n"
      + "  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n\(lines)\n\(rest)"
    return try followCode(code)
  }

  private func followCode(_ code: String) throws -> Result<ScriptTrace, ScriptProblem> {
    let net = HostileScriptTests.module([("w", HostileScriptTests.tensor)])
    let bytes = HostileScriptTests.script(net, code: code)
    return try ScriptTrace.follow(ByteStorage(bytes), file: "x.pt")
  }

  private func reason(_ body: String, rest: String = "") throws -> ScriptProblem.Reason? {
    if case .failure(let problem) = try follow(body, rest: rest) { problem.reason } else { nil }
  }

  private func trace(_ body: String, rest: String = "") throws -> ScriptTrace {
    try follow(body, rest: rest).get()
  }

  @Test func whatIsFollowed() throws {
    let plain = try trace("return torch.add(x, self.w, alpha=1)")
    #expect(
      plain.nodes == [
        .input, .parameter("w"),
        .call("add", [.node(0), .node(1)], keywords: ["alpha": .constant(.integer(1))]),
      ])
    #expect(plain.result == 2)
    // In place, under a second name.
    let inPlace = try trace("y = x\n_0 = torch.relu_(y)\nreturn torch.mul(x, 2.)")
    #expect(
      inPlace.nodes == [
        .input, .call("relu", [.node(0)], keywords: [:]),
        .call("mul", [.node(1), .constant(.number(2))], keywords: [:]),
      ])
    // What a view shares is not known once it is changed.
    let view = try trace(
      "y = torch.view(x, [torch.size(x, 0), -1])\n_0 = torch.relu_(y)\nreturn x")
    #expect(view.nodes[view.result] == .unknown(1))
    #expect(
      view.nodes[1]
        == .call(
          "view", [.node(0), .list([.batch, .constant(.integer(-1))])], keywords: [:]))
    // A check that depends on the image, behind which there is one way.
    let checked = try trace(
      "if torch.ne(torch.dim(x), 4):\n  ops.prim.RaiseException(\"no\")\nelse:\n  pass\n"
        + "if self.training:\n  y = torch.relu(x)\nelse:\n  y = x\nreturn y")
    #expect(checked.result == 0)
    let function = try trace(
      "return __torch__.half(x, )",
      rest: "def half(x: Tensor,\n    by: float=0.5) -> Tensor:\n"
        + "  for i in range(2):\n    x = torch.mul(x, by)\n  return x\n")
    #expect(function.nodes.count == 3)
  }

  @Test func whatIsNot() throws {
    #expect(try reason("return 1") == .result)
    #expect(try reason("return (x, x)") == .result)
    #expect(try reason("pass") == .result)
    #expect(try reason("return self.forward2(x)") == .missing)
    #expect(try reason("return __torch__.nothing(x)") == .missing)
    #expect(try reason("return __torch__(x)") == nil)
    #expect(try reason("while True:\n  pass") == .syntax)
    #expect(try reason("self.w = x\nreturn x") == .syntax)
    #expect(try reason("return x(") == .syntax)
    #expect(try reason("return (1).relu(x)") == .syntax)
    #expect(try reason("a, b = [x]\nreturn a") == .syntax)
    #expect(try reason("ops.prim.RaiseException(\"no\")\nreturn x") == .raises)
    let branch = "if torch.gt(torch.dim(x), 2):\n  y = torch.relu(x)\nelse:\n  y = x\nreturn y"
    #expect(try reason(branch) == .undecided)
    #expect(try reason("for i in range(torch.dim(x)):\n  pass\nreturn x") == .undecided)
  }

  /// A name that an undecided branch gave a list keeps no old value.
  @Test func branchesThatDiffer() throws {
    let trace = try trace(
      "s = [1, 1]\nif torch.gt(torch.dim(x), 2):\n  s = [2, 2]\nelse:\n  pass\n"
        + "return torch.adaptive_avg_pool2d(x, s)")
    #expect(
      trace.nodes.last == .call("adaptive_avg_pool2d", [.node(0), .unknown], keywords: [:]))
  }

  @Test func whatNeverEnds() throws {
    #expect(try reason("return self.forward(x)") == .tooLong)
    #expect(try reason("for i in range(9223372036854775807):\n  pass\nreturn x") == .tooLong)
    let loops = (0..<20).map { String(repeating: "  ", count: $0) + "for i in range(1000):" }
    #expect(
      try reason(loops.joined(separator: "\n") + "\n" + String(repeating: "  ", count: 20) + "pass")
        == .tooLong)
    // Each level is two of the one before.
    let doubling = (0..<40).map { "a\($0 + 1) = torch.cat([a\($0), a\($0)], 1)" }
    #expect(
      try trace("a0 = x\n" + doubling.joined(separator: "\n") + "\nreturn a40").nodes.count == 41)
    let lists = (0..<6).map { level in
      "a\(level + 1) = [" + String(repeating: "a\(level), ", count: 60) + "]"
    }
    #expect(
      try reason("a0 = x\n" + lists.joined(separator: "\n") + "\nreturn torch.cat(a6, 1)")
        == .tooLong)
    let nested = (0..<100_000).map { _ in "a = [a]" }
    #expect(try reason("a = x\n" + nested.joined(separator: "\n") + "\nreturn x") == .tooLong)
    // Undecided branches in each other, each gone twice: once to see whether it raises.
    func indented(_ level: Int, _ line: String) -> String {
      String(repeating: "  ", count: level) + line
    }
    let heads = (0..<30).map { indented($0, "if torch.gt(torch.dim(x), 2):") }
    let ends = (0..<30).reversed().flatMap {
      [indented($0, "else:"), indented($0 + 1, "ops.prim.RaiseException(\"no\")")]
    }
    let branches = heads + [indented(30, "pass")] + ends + ["return x"]
    #expect(try reason(branches.joined(separator: "\n")) == .tooLong)
  }

  @Test func whatNestsDeeply() throws {
    for (open, close) in [("(", ")"), ("[", "]"), ("torch.relu(", ")"), ("x[", "]")] {
      let text =
        String(repeating: open, count: 100_000) + "x" + String(repeating: close, count: 100_000)
      #expect(try reason("return " + text) == .syntax)
    }
    #expect(try reason("return x" + String(repeating: ".a", count: 100_000)) == .syntax)
    let blocks = (0..<10_000).map { String(repeating: " ", count: $0 + 1) + "if True:" }
    #expect(try reason("if True:\n" + blocks.prefix(200).joined(separator: "\n")) == .syntax)
    // Calls of calls, each as deep as brackets may be.
    let call =
      String(repeating: "__torch__.f(", count: 40) + "x" + String(repeating: ", )", count: 40)
    #expect(
      try reason(
        "return __torch__.f(x)", rest: "def f(x: Tensor) -> Tensor:\n  return \(call)\n")
        == .tooLong)
  }

  @Test func whatIsTooLong() throws {
    let long = String(repeating: "#", count: 1 << 22)
    #expect(try reason("return x\n" + long) == .tooLong)
    let name = String(repeating: "a", count: 100_000)
    #expect(try reason("return torch.\(name)(x)") == .tooLong)
    #expect(try reason("return \(name)(x)") == .tooLong)
  }

  /// Code that is no code: an answer, whatever it is.
  @Test func anythingAtAll() throws {
    for code in [
      "", "class", "class Net(Module):", "class Net(Module):\n  def", "\u{0}\u{ff}",
      "class Net(Module):\n  def forward(", "class Net(Module):\n  def forward(self, x):\n",
      "class Net(Module):\n  def forward(self, x):\n    return \"", "def forward(self, x):\n  pass",
      "class Net(Module):\n  def forward(self, x):\n    return 99999999999999999999999999",
      "class Net(Module):\n  def forward(self, x):\n    return 1e999999",
      "class Net(Module):\n  def forward(self, x):\n    return -9223372036854775808",
      "class Net(Module):\n  def forward():\n    return x",
      "class Net(Module):\n  def forward(self, x, y):\n    return x",
      "class Net(Module):\n  def forward(self, x):\n    return [x][-9223372036854775807]",
      "class Net(Module):\n  def forward(self, x):\n    return torch.f(x)[9223372036854775807]",
    ] {
      if case .success = try followCode(code) { Issue.record("\(code)") }
    }
  }

  @Test(arguments: [
    (ScriptProblem.Reason.missing, "lacks “f”, which it calls"),
    (.syntax, "is not written as PyTorch writes it in “f”"),
    (.undecided, "goes different ways for different images in “f”"),
    (.tooLong, "is longer or deeper than any real network's in “f”"),
    (.raises, "ends in an exception in “f”"),
    (.result, "does not return one tensor in “f”"),
  ])
  func sentences(_ reason: ScriptProblem.Reason, _ words: String) {
    #expect(ScriptProblem(reason, place: "f").description == words)
  }
}
