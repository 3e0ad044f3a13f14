/// What can be run on tensors: a model of a known architecture, or a graph that a file describes
/// itself.
public enum Network: Sendable {
  case model(Model)
  case graph(GraphModel)
}
