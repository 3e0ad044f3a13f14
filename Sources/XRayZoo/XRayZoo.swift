import AnatomyUNetPlugin
import AutoencoderPlugin
import CheXpertPlugin
import DenseNetPlugin
import Foundation
@_exported import GraphIR
@_exported import GraphRuntime
@_exported import Imaging
import JFHealthcarePlugin
@_exported import ModelKit
import PSPNetPlugin
import ResNetPlugin
import SENetPlugin
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
    RegisteredArchitecture(SENet.self),
  ]

  /// Creates a zoo of the built-in architectures and, where given, others.
  ///
  /// - Parameters:
  ///   - architectures: plugins from elsewhere, tried before the built-in ones.
  ///   - manifest: a manifest that is laid over the built-in one, such as a plugin's; by default the
  ///     file that `ZOO_MANIFEST` names, if any. What is wrong with it is told when a model is asked
  ///     for.
  ///   - cache: where converted weights are kept.
  ///   - execution: threads, instruction set and precision.
  public init(
    adding architectures: [RegisteredArchitecture] = [],
    manifest: URL? = environmentValue("ZOO_MANIFEST").map { URL(fileURLWithPath: $0) },
    cache: WeightCache = .standard, execution: ExecutionOptions = .init()
  ) {
    self.init(
      architectures: architectures + Self.builtInArchitectures, manifest: manifest, cache: cache,
      execution: execution)
  }
}
