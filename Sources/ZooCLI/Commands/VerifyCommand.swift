import ArgumentParser
import XRayZoo

struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Checks every byte of a native weight file, and that its tensors fit its network.")

  @OptionGroup var options: ZooOptions
  @Argument(help: "A native weight file.") var file: String

  func run() throws {
    try options.zoo().verify(file)
    Terminal.print("\(file.printable): every byte checks")
  }
}
