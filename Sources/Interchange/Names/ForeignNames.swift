/// From the names in a file to those that ``WeightNames`` gives.
enum ForeignNames {
  /// What a program that wraps a network puts before the names of all its tensors.
  private static let wrappers = ["module.", "state_dict.", "model_state_dict.", "model."]

  /// The tensors of a source by the names of a convention; nil names nothing of the network, as an optimizer's velocity.
  static func known(
    _ source: any TensorSource, _ convention: WeightNames.Convention
  ) -> [(name: String, entry: TensorEntry)] {
    if convention == .keras {
      return source.entries.compactMap { entry in keras(entry.name).map { ($0, entry) } }
    }
    var prefix = ""
    while let next = wrappers.first(where: { wrapper in
      !source.entries.isEmpty && source.entries.allSatisfy { $0.name.hasPrefix(prefix + wrapper) }
    }) {
      prefix += next
    }
    return source.entries.map { (String($0.name.dropFirst(prefix.count)), $0) }
  }

  /// `block1_conv1/kernel` of what the versions of Keras made of it; nil for what an optimizer keeps.
  ///
  /// | | |
  /// |---|---|
  /// | Keras 1 | `block1_conv1/block1_conv1_W_1:0` |
  /// | Keras 2, weights | `block1_conv1/block1_conv1/kernel:0` |
  /// | Keras 2 and 3, a model in HDF5 | `model_weights/block1_conv1/block1_conv1/kernel` |
  /// | Keras 2.13 to 2.15, a `.keras` archive | `layers/conv2d/vars/0`, `block1_conv1` by the configuration: read as `block1_conv1/0` |
  /// | Keras 3, weights | `layers/conv2d/vars/0`, whose group says `block1_conv1`: read as `block1_conv1/0` |
  static func keras(_ name: String) -> String? {
    var parts = name.split(separator: "/").map(String.init)
    if parts.first == "optimizer_weights" || parts.first == "optimizer" { return nil }
    // Weights alone, of Keras 2.13 to 2.15: nothing there says what the layers are called.
    if parts.first == "layers" { return name }
    if parts.first == "model_weights" { parts.removeFirst() }
    guard parts.count >= 2, let layer = parts.first, var last = parts.last else { return name }
    if let colon = last.lastIndex(of: ":") { last = String(last[..<colon]) }
    switch last {
    case "kernel", "0", "\(layer)_W_1", "\(layer)_W": return "\(layer)/kernel"
    case "bias", "1", "\(layer)_b_1", "\(layer)_b": return "\(layer)/bias"
    default: return name
    }
  }
}
