import CKernels
import Foundation
import Testing

/// What control groups allow, read from made-up trees.
struct ProcessorQuotaTests {
  struct Tree: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let expected: UInt32
    let files: [String: String]

    init(_ description: String, _ expected: UInt32, _ files: [String: String]) {
      testDescription = description
      self.expected = expected
      self.files = files
    }
  }

  private static let own = "proc/self/cgroup"

  static let trees = [
    Tree("no control groups", 0, [:]),
    Tree("no bound", 0, [own: "0::/a\n", "sys/fs/cgroup/a/cpu.max": "max 100000\n"]),
    Tree("whole", 3, [own: "0::/a\n", "sys/fs/cgroup/a/cpu.max": "300000 100000\n"]),
    Tree("rounded up", 2, [own: "0::/a\n", "sys/fs/cgroup/a/cpu.max": "100001 100000\n"]),
    Tree("a tenth", 1, [own: "0::/a\n", "sys/fs/cgroup/a/cpu.max": "10000 100000\n"]),
    Tree("the top's own", 2, [own: "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"]),
    Tree(
      "a group above is tighter", 2,
      [
        own: "0::/a/b/c\n", "sys/fs/cgroup/a/b/c/cpu.max": "800000 100000\n",
        "sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "sys/fs/cgroup/a/cpu.max": "150000 100000\n",
      ]),
    Tree(
      "another group's does not count", 4,
      [
        own: "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "400000 100000\n",
        "sys/fs/cgroup/b/cpu.max": "100000 100000\n",
        "sys/fs/cgroup/a/bc/cpu.max": "100000 100000\n",
      ]),
    Tree(
      "the host's path inside a container", 2,
      [own: "0::/docker/0123abcd\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"]),
    Tree(
      "version 1", 2,
      [
        own: "9:name=systemd:/x\n4:cpu,cpuacct:/a/b\n3:cpuset:/\n",
        "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_quota_us": "-1\n",
        "sys/fs/cgroup/cpu,cpuacct/a/b/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us": "75000\n",
        "sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us": "50000\n",
      ]),
    Tree(
      "version 1, folder named cpu", 5,
      [
        own: "4:cpuacct,cpu:/a\n", "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "500000\n",
        "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
      ]),
    Tree(
      "both versions", 2,
      [
        own: "1:cpu:/a\n0::/b\n", "sys/fs/cgroup/cpu/a/cpu.cfs_quota_us": "200000\n",
        "sys/fs/cgroup/cpu/a/cpu.cfs_period_us": "100000\n",
        "sys/fs/cgroup/b/cpu.max": "600000 100000\n",
      ]),
    Tree(
      "another controller's path", 0,
      [own: "1:cpuset:/a\n", "sys/fs/cgroup/cpuset/a/cpu.max": "100000 100000\n"]),
    Tree(
      "no sense", 0,
      [
        own: "\n:\n::\nx\n0::/a\n0::\(String(repeating: "/y", count: 5000))\n",
        "sys/fs/cgroup/a/cpu.max": "a lot\n", "sys/fs/cgroup/cpu.max": "100000 0\n",
      ]),
    Tree(
      "beyond 64 bits", 256,
      [own: "0::/a\n", "sys/fs/cgroup/a/cpu.max": "\(String(repeating: "9", count: 30)) 1\n"]),
  ]

  @Test(arguments: trees) func quota(_ tree: Tree) throws {
    let root = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    for (path, text) in tree.files {
      let file = root.appending(path: path)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    #expect(zoo_quota_threads(root.path(percentEncoded: false)) == tree.expected)
  }
}
