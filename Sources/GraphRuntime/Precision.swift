/// The arithmetic of a session, the caller's choice.
public enum Precision: String, Sendable, CaseIterable {
  /// 32-bit floats throughout.
  case float32 = "f32"
  /// Images between layers and the weights of convolutions as bfloat16, sums as 32-bit floats.
  case bfloat16 = "bf16"
}
