import AnatomyUNetPlugin
import CheXpertPlugin
import AutoencoderPlugin
import DenseNetPlugin
@_exported import GraphIR
@_exported import GraphRuntime
@_exported import Imaging
import JFHealthcarePlugin
@_exported import ModelKit
import PSPNetPlugin
import ResNetPlugin
import VQGANPlugin
@_exported import ZooKit

extension Zoo {
  /// The architectures of this package.
  ///
  /// A new plugin is one more line here.
  public static let builtInArchitectures: [RegisteredArchitecture] = [
    RegisteredArchitecture(DenseNet.self),
    RegisteredArchitecture(ResNet.self),
    RegisteredArchitecture(JFHealthcare.self),
    RegisteredArchitecture(CheXpert.self),
    RegisteredArchitecture(PSPNet.self),
    RegisteredArchitecture(AnatomyUNet.self),
    RegisteredArchitecture(ResNetAutoencoder.self),
    RegisteredArchitecture(VQGAN.self),
  ]

  /// Creates a zoo of the built-in architectures and, where given, others.
  ///
  /// - Parameters:
  ///   - architectures: plugins from elsewhere, tried before the built-in ones.
  ///   - execution: threads and instruction set.
  public init(
    adding architectures: [RegisteredArchitecture] = [], execution: ExecutionOptions = .init()
  ) {
    self.init(
      architectures: architectures + Self.builtInArchitectures, execution: execution)
  }
}
