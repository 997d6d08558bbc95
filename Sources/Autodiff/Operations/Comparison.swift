import Tensors
import BLAS

/// a compared with b, as 1 or 0; the derivative is 0 wherever it exists.
struct Comparison: ElementwiseOperation {
  enum Relation: Hashable, Sendable { case greater, greaterEqual, equal }

  let relation: Relation

  var name: String { "\(relation)" }
  var instruction: ElementwiseInstruction {
    switch relation {
    case .greater: .init(opcode: .greater)
    case .greaterEqual: .init(opcode: .greaterEqual)
    case .equal: .init(opcode: .equal)
    }
  }

  func derivative<S: Scalar>(by index: Int, _ context: GradientContext<S>) -> Node<S>? { nil }
}

/// 1 where a > b, else 0, with broadcasting. Nothing flows back through it.
public func greater<S>(_ a: Node<S>, _ b: Node<S>) -> Node<S> {
  a.graph.record(Comparison(relation: .greater), [a, b])
}

/// 1 where a ≥ b, else 0, with broadcasting. Nothing flows back through it.
public func greaterEqual<S>(_ a: Node<S>, _ b: Node<S>) -> Node<S> {
  a.graph.record(Comparison(relation: .greaterEqual), [a, b])
}

/// 1 where a = b, else 0, with broadcasting. Nothing flows back through it.
public func equal<S>(_ a: Node<S>, _ b: Node<S>) -> Node<S> {
  a.graph.record(Comparison(relation: .equal), [a, b])
}
