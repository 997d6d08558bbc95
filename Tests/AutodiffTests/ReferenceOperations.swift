import Autodiff
import BLAS
import Tensors

/// How each operation of the reference file is written with nodes; the README beside it explains the attributes.
struct ReferenceOperations<S: Scalar> {
  let reference: ReferenceCase
  let x: [Node<S>]

  /// The case's result, or `nil` where no operation of that name is known here.
  func result() throws -> Node<S>? {
    try arithmetic() ?? elementwise() ?? shaping() ?? images() ?? losses()
  }

  private func arithmetic() throws -> Node<S>? {
    switch reference.operation {
    case "add": return x[0] + x[1]
    case "subtract": return x[0] - x[1]
    case "multiply": return x[0] * x[1]
    case "divide": return x[0] / x[1]
    case "maximum": return maximum(x[0], x[1])
    case "minimum": return minimum(x[0], x[1])
    case "raise": return pow(x[0], x[1])
    case "select": return select(x[0], x[1], x[2])
    case "matmul":
      let (first, second) = (try reference.flag("transposeA"), try reference.flag("transposeB"))
      guard first || second else { return x[0] • x[1] }
      return matrixProduct(x[0], x[1], transposingFirst: first, transposingSecond: second)
    default: return nil
    }
  }

  private func elementwise() throws -> Node<S>? {
    switch reference.operation {
    case "exp": exp(x[0])
    case "log": log(x[0])
    case "sqrt": sqrt(x[0])
    case "negate": -x[0]
    case "abs": abs(x[0])
    case "pow": pow(x[0], try reference.number("exponent"))
    case "clamp": clamp(x[0], try reference.number("lower")...reference.number("upper"))
    case "sigmoid": sigmoid(x[0])
    case "tanh": tanh(x[0])
    case "scaledTanh": scaledTanh(x[0])
    case "softsign": softsign(x[0])
    case "softplus": softplus(x[0])
    case "relu": relu(x[0])
    case "leakyRelu": leakyRelu(x[0], slope: try reference.number("slope"))
    case "elu": elu(x[0], alpha: try reference.number("alpha"))
    case "dropout":
      dropout(
        x[0], rate: try reference.number("rate"), step: x[0].graph.constant(try reference.number("step")),
        key: UInt64(try reference.number("key")), scale: try? reference.number("scale"))
    default: nil
    }
  }

  private func shaping() throws -> Node<S>? {
    func axes() throws -> [Int] { try reference.list("axes") }
    func keeping() throws -> Bool { try reference.flag("keepingDimensions") }
    return switch reference.operation {
    case "sum": sum(x[0], axes: try axes(), keepingDimensions: try keeping())
    case "mean": mean(x[0], axes: try axes(), keepingDimensions: try keeping())
    case "max": max(x[0], axes: try axes(), keepingDimensions: try keeping())
    case "reshape": x[0].reshaped(to: SymbolicShape(Shape(try reference.list("shape"))))
    case "transpose": x[0].transposed(try reference.list("permutation"))
    case "slice":
      x[0].sliced(axis: try integer("axis"), from: try integer("from"), to: try integer("to"))
    case "concatenate": concatenate(x, axis: try integer("axis"))
    case "padding":
      x[0].padded(axis: try integer("axis"), before: try integer("before"), after: try integer("after"))
    case "gather": gather(x[0], x[1])
    case "oneHot": oneHot(x[0], depth: try integer("depth"))
    default: nil
    }
  }

  private func images() throws -> Node<S>? {
    switch reference.operation {
    case "convolution":
      return convolution(
        x[0], x[1], stride: try size("stride"), padding: try padding(), dilation: try size("dilation"),
        groups: try integer("groups"))
    case "maxPooling":
      return maxPooling(x[0], size: try size("size"), stride: try size("stride"), padding: try padding())
    case "averagePooling":
      return averagePooling(
        x[0], size: try size("size"), stride: try size("stride"), padding: try padding(),
        countsPadding: try reference.flag("countsPadding"))
    case "globalAveragePooling": return globalAveragePooling(x[0])
    case "globalMaxPooling": return globalMaxPooling(x[0])
    case "subsampling": return subsampling(x[0], coefficient: x[1], bias: x[2], size: try size("size"))
    case "localResponseNormalization":
      let size = try integer("size")
      return localResponseNormalization(
        x[0], size: size, k: try reference.number("k"), alpha: try reference.number("alpha") / Double(size),
        beta: try reference.number("beta"))
    case "batchNormalization":
      let epsilon = try reference.number("epsilon")
      func named(_ name: String) throws -> Node<S> {
        guard let position = reference.inputs.firstIndex(where: { $0.name == name }) else {
          throw ReferenceCase.MissingAttribute(name: reference.name, key: name)
        }
        return x[position]
      }
      let (scale, shift) = (try named("scale"), try named("offset"))
      if try reference.flag("training") {
        return batchNormalization(x[0], scale: scale, shift: shift, epsilon: epsilon).result
      }
      return batchNormalization(
        x[0], mean: try named("mean"), variance: try named("variance"), scale: scale, shift: shift, epsilon: epsilon)
    default: return nil
    }
  }

  private func losses() throws -> Node<S>? {
    switch reference.operation {
    case "softmax": return softmax(x[0])
    case "logSumExp": return logSumExp(x[0], keepingDimensions: try reference.flag("keepingDimensions"))
    case "logSoftmax": return logSoftmax(x[0])
    case "softmaxCrossEntropy":
      return reference.inputs[1].name == "labels"
        ? softmaxCrossEntropy(x[0], labels: x[1]) : softmaxCrossEntropy(x[0], probabilities: x[1])
    case "sigmoidCrossEntropy": return sigmoidCrossEntropy(x[0], targets: x[1])
    case "hinge":
      let classes = x[0].shape[1].fixedSize ?? 0
      let own = oneHot(x[1], depth: classes)
      let margins = try reference.number("margin") - sum(own * x[0], axes: [1], keepingDimensions: true) + x[0]
      return sum((1 - own) * relu(margins), axes: [1]) / Double(classes)
    case "meanSquaredError": return mean(square(x[0] - x[1]))
    case "radialBasis": return squaredDistances(x[0], to: x[1])
    case "maximumLikelihood": return mean(ownDistance)
    case "maximumAPosteriori":
      let rubbish = x[0].graph.constant(-(try reference.number("j")), shape: [x[0].shape[0], 1])
      return mean(ownDistance + logSumExp(concatenate([rubbish, -x[0]], axis: 1)))
    default: return nil
    }
  }

  /// Each example's distance to its own class.
  private var ownDistance: Node<S> { sum(x[0] * oneHot(x[1], depth: x[0].shape[1].fixedSize ?? 0), axes: [1]) }

  private func integer(_ key: String) throws -> Int { Int(try reference.number(key)) }

  private func size(_ key: String) throws -> Size2D {
    let sizes = try reference.list(key)
    return Size2D(sizes[0], sizes[1])
  }

  private func padding() throws -> Padding2D {
    if let mode = try? reference.word("paddingMode"), mode != "explicit" { return mode == "same" ? .same : .valid }
    let sides = try reference.list("padding")
    return .explicit(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3])
  }
}
