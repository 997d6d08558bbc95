public import NeuralNetworks

extension Sequential {
  /// The name of the last dense layer: the head, which knows the classes.
  ///
  /// - Throws: ``TransferError/noHead``.
  public func headName() throws(TransferError) -> String {
    guard let index = layers.lastIndex(where: { $0 is Dense || $0 is Sequential }) else { throw .noHead }
    guard let block = layers[index] as? Sequential else { return Self(layers).layerNames(at: index) }
    return try layerNames(at: index).prefixed(to: block.headName())
  }

  /// The same network with a head for another number of classes; all else, the head's name included, is as it was.
  ///
  /// - Throws: ``TransferError/noHead`` where no layer is dense, ``TransferError/classCount(_:)`` for less than one class.
  public func replacingHead(classes: Int) throws(TransferError) -> Sequential {
    guard classes >= 1 else { throw .classCount(classes) }
    guard let index = layers.lastIndex(where: { $0 is Dense || $0 is Sequential }) else { throw .noHead }
    var copy = self
    if let block = layers[index] as? Sequential {
      copy.layers[index] = try block.replacingHead(classes: classes)
    } else if let head = layers[index] as? Dense {
      var replacement = Dense(
        classes, activation: head.activation, kernelInitializer: head.kernelInitializer,
        biasInitializer: head.biasInitializer)
      replacement.identity = head.identity
      copy.layers[index] = replacement
    }
    return copy
  }

  /// The same network with all layers up to and including `layer` left as they are by training.
  ///
  /// - Throws: `NetworkError` where no layer has the name.
  public func freezing(through layer: String) throws(NetworkError) -> Sequential {
    let names = layerNames
    guard let last = names.lastIndex(where: { $0 == layer || $0.hasPrefix(layer + ".") }) else {
      throw .unknownLayer(layer, known: names)
    }
    return try freezing(Set(names[0...last]))
  }

  /// The same network with its first `depth` innermost layers left as they are by training.
  ///
  /// - Precondition: `depth` is at least 0 and at most the number of layers.
  public func freezing(depth: Int) throws(NetworkError) -> Sequential {
    let names = layerNames
    precondition((0...names.count).contains(depth), "a network of \(names.count) layers has no depth \(depth)")
    return try freezing(Set(names.prefix(depth)))
  }

  private func layerNames(at index: Int) -> String {
    // Names count the layers of a kind, so that the first layers decide the name of the next.
    Sequential(Array(layers[0...index])).layerNames.last ?? ""
  }
}

extension String {
  /// The name of an inner layer behind that of its block, of which `self` is the full name of an innermost layer.
  fileprivate func prefixed(to inner: String) -> String {
    let depth = inner.split(separator: ".").count
    let blocks = split(separator: ".").dropLast(depth)
    return (blocks.map(String.init) + [inner]).joined(separator: ".")
  }
}

/// Factors for learning rates that fall from the head to the first layer.
public enum DiscriminativeRates {
  /// A factor for every layer that has variables: 1 for the last, `decay` for the one before, `decay`² and so on (Howard and
  /// Ruder, "Universal language model fine-tuning", ACL 2018, section 3.2).
  ///
  /// - Parameters:
  ///   - variableNames: as `Trainer.variableNames` gives them, in the order of the layers.
  ///   - decay: above 0 and at most 1.
  public static func factors(variableNames: [String], decay: Double) -> [String: Double] {
    precondition(decay > 0 && decay <= 1, "rates fall by a factor above 0 and at most 1, found \(decay)")
    var layers: [String] = []
    for name in variableNames {
      let layer = name.split(separator: ".").dropLast().joined(separator: ".")
      if layers.last != layer { layers.append(layer) }
    }
    var (factors, factor) = ([String: Double](), 1.0)
    for layer in layers.reversed() {
      factors[layer] = factor
      factor *= decay
    }
    return factors
  }
}
