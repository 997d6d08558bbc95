public import NeuralNetworks

extension Sequential {
  /// The name of the head, which knows the classes: the last layer that has parameters, which is dense.
  ///
  /// Behind it may stand layers without parameters, and blocks of these.
  ///
  /// - Throws: ``TransferError/noHead`` where no layer has parameters, ``TransferError/headIsNotDense(layer:)`` where the last
  ///   that has some is another one, or is one of several branches.
  public func headName() throws(TransferError) -> String { try headPath().name }

  /// The same network with a head for another number of classes; all else, the head's name included, is as it was.
  ///
  /// - Throws: as ``headName()``, and ``TransferError/classCount(_:)`` for less than one class.
  public func replacingHead(classes: Int) throws(TransferError) -> Sequential {
    guard classes >= 1 else { throw .classCount(classes) }
    return replacingHead(classes: classes, at: try headPath().indices[...])
  }

  private func replacingHead(classes: Int, at path: ArraySlice<Int>) -> Sequential {
    guard let index = path.first else { return self }
    var copy = self
    if let block = layers[index] as? Sequential {
      copy.layers[index] = block.replacingHead(classes: classes, at: path.dropFirst())
    } else if let head = layers[index] as? Dense {
      var replacement = Dense(
        classes, activation: head.activation, kernelInitializer: head.kernelInitializer,
        biasInitializer: head.biasInitializer)
      replacement.identity = head.identity
      copy.layers[index] = replacement
    }
    return copy
  }

  /// Where the head stands in the blocks, from the outermost in, and its full name.
  private func headPath() throws(TransferError) -> (indices: [Int], name: String) {
    guard let indices = lastParametric else { throw .noHead }
    let name = cut(behind: indices[...]).layerNames.last ?? ""
    var layer: any Layer = self
    for index in indices {
      guard let block = layer as? Sequential else { throw .headIsNotDense(layer: name) }
      layer = block.layers[index]
    }
    guard layer is Dense else { throw .headIsNotDense(layer: name) }
    return (indices, name)
  }

  /// The network without what stands behind a layer, whose name is then the last: names count the layers before.
  private func cut(behind path: ArraySlice<Int>) -> Sequential {
    guard let index = path.first else { return self }
    var copy = self
    copy.layers = Array(layers[0...index])
    if let block = layers[index] as? Sequential { copy.layers[index] = block.cut(behind: path.dropFirst()) }
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
}

extension ContainerLayer {
  /// Where the last layer with parameters stands, from the outermost block in; nil where none has any.
  fileprivate var lastParametric: [Int]? {
    for (index, layer) in layers.enumerated().reversed() {
      if let block = layer as? any ContainerLayer {
        if let inner = block.lastParametric { return [index] + inner }
      } else if layer.hasParameters {
        return [index]
      }
    }
    return nil
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
