import BLAS
import Tensors

/// Turns an elementwise unit into a program: first which values go to memory, then, once memory has addresses, the rest.
struct ProgramBuilder<S: Scalar> {
  /// What one instruction reads.
  enum Operand {
    /// A result of this unit, by node.
    case inner(Int)
    /// Memory of the unit's own shape, by source node.
    case stream(Int)
    /// The unit's product, of which a block is there.
    case block
    /// A smaller node to be repeated: its source node and its own shape.
    case repeated(Int, Shape)
    /// The same number everywhere.
    case uniform(Double)
  }

  struct Draft {
    let node: Int
    var opcode: ElementwiseOpcode
    var p: Double
    var q: Double
    var operands: [Operand]
  }

  let shape: Shape
  /// One draft a member, then one copy for each update whose value the unit does not compute.
  private(set) var drafts: [Draft] = []
  /// Nodes whose results other units, outputs or updates read.
  let stored: Set<Int>
  /// For each update: its number, the node or memory it copies, and whether the value's instruction may write in place.
  private(set) var updates: [(number: Int, value: Int)]
  private let members: Set<Int>

  init(
    graph: Graph<S>, unit: Unit, shape: Shape, shapes: [Int: Shape], stored: Set<Int>,
    updates: [(number: Int, value: Int)], batch: Int
  ) {
    self.shape = shape
    self.stored = stored
    self.updates = updates
    members = Set(unit.members)
    for member in unit.members {
      let record = graph.records[member]
      guard let operation = record.operation as? any ElementwiseOperation else { continue }
      let operands = record.operands.map { operand -> Operand in
        let source = graph.source(of: operand)
        if operand == unit.product { return .block }
        if members.contains(source) { return .inner(source) }
        if let fill = graph.records[source].operation as? Fill { return .uniform(fill.resolved(batch: batch)) }
        let operandShape = shapes[operand] ?? []
        return operandShape == shape ? .stream(source) : .repeated(source, operandShape)
      }
      let instruction = operation.instruction
      let draft = Draft(
        node: member, opcode: instruction.opcode, p: instruction.p, q: instruction.q, operands: operands)
      drafts.append(draft.folded)
    }
    merge()
  }

  /// Makes one instruction of several, each of which would write its block and have the next one read it: tanh(a + b), a bias
  /// and its activation; a·(p·b² + q), the gradient through a hyperbolic tangent; a + p·b and a - b·c, an update with momentum.
  private mutating func merge() {
    let uses = drafts.flatMap(\.operands).reduce(into: [Int: Int]()) { uses, operand in
      if case .inner(let node) = operand { uses[node, default: 0] += 1 }
    }
    /// The instruction behind an operand, if nothing else needs its result.
    func only(_ operand: Operand, _ opcode: ElementwiseOpcode) -> Draft? {
      guard case .inner(let node) = operand, uses[node] == 1, !stored.contains(node),
        !updates.contains(where: { $0.value == node })
      else { return nil }
      return drafts.first { $0.node == node && $0.opcode == opcode }
    }
    var merged: Set<Int> = []
    for (position, draft) in drafts.enumerated() {
      if draft.opcode == .tanh, let sum = only(draft.operands[0], .add) {
        drafts[position].opcode = .tanhOfSum
        drafts[position].operands = sum.operands
        merged.insert(sum.node)
      }
      if draft.opcode == .subtract, let product = only(draft.operands[1], .multiply) {
        drafts[position].opcode = .subtractProduct
        drafts[position].operands = [draft.operands[0]] + product.operands
        merged.insert(product.node)
      }
      for (factor, other) in [(0, 1), (1, 0)] where draft.opcode == .add {
        guard let affine = only(draft.operands[factor], .affine), affine.q == 0 else { continue }
        drafts[position] = Draft(
          node: draft.node, opcode: .addScaled, p: affine.p, q: 0,
          operands: [draft.operands[other], affine.operands[0]])
        merged.insert(affine.node)
        break
      }
      for (factor, other) in [(0, 1), (1, 0)] where draft.opcode == .multiply {
        guard let affine = only(draft.operands[factor], .affine), let square = only(affine.operands[0], .square)
        else { continue }
        drafts[position] = Draft(
          node: draft.node, opcode: .multiplyBySquare, p: affine.p, q: affine.q,
          operands: [draft.operands[other], square.operands[0]])
        merged.formUnion([affine.node, square.node])
        break
      }
    }
    drafts.removeAll { merged.contains($0.node) }
  }

  /// The last instruction that reads memory `source`, or `nil` where none streams it; repeated reads count as never safe.
  func lastRead(of source: Int) -> Int? {
    var last: Int?
    for (position, draft) in drafts.enumerated() {
      for operand in draft.operands {
        switch operand {
        case .stream(source): last = position
        case .repeated(source, _): return Int.max
        default: break
        }
      }
    }
    return last
  }

  /// The instruction that computes `node`.
  func position(of node: Int) -> Int? { drafts.firstIndex { $0.node == node } }

  /// The memory that streams in, in the order of reading.
  var streams: [Int] {
    drafts.flatMap(\.operands).compactMap { if case .stream(let source) = $0 { source } else { nil } }
  }

  /// All memory that the unit reads.
  var reads: [Int] {
    drafts.flatMap(\.operands).compactMap {
      switch $0 {
      case .stream(let source), .repeated(let source, _): source
      default: nil
      }
    } + updates.map(\.value).filter { !members.contains($0) }
  }

  /// Whether the instruction that computes an update's value may write straight into the variable.
  func writesInPlace(_ update: (number: Int, value: Int), variable: Int) -> Bool {
    guard let position = position(of: update.value), !stored.contains(update.value) else { return false }
    guard updates.filter({ $0.value == update.value }).count == 1 else { return false }
    return (lastRead(of: variable) ?? -1) <= position
  }
}

extension ProgramBuilder.Draft {
  /// The same function with numbers that are known put into the instruction.
  var folded: Self {
    guard operands.count == 2 else { return self }
    var result = self
    switch (opcode, operands[0], operands[1]) {
    case (.multiply, let x, .uniform(let value)), (.multiply, .uniform(let value), let x):
      (result.opcode, result.p, result.q, result.operands) = (.affine, value, 0, [x])
    case (.add, let x, .uniform(let value)), (.add, .uniform(let value), let x):
      (result.opcode, result.p, result.q, result.operands) = (.affine, 1, value, [x])
    case (.subtract, let x, .uniform(let value)):
      (result.opcode, result.p, result.q, result.operands) = (.affine, 1, -value, [x])
    case (.subtract, .uniform(let value), let x):
      (result.opcode, result.p, result.q, result.operands) = (.affine, -1, value, [x])
    default: break
    }
    return result
  }
}

extension ProgramBuilder {
  /// The program, with registers given out by last use.
  ///
  /// - Parameters:
  ///   - memory: the address of a node's memory.
  ///   - variable: the address of an update's variable.
  ///   - constant: the address of a block full of a number.
  ///   - inPlace: numbers of the updates whose values are written straight into their variables.
  ///   - blocks: nodes of which only a block is there at a time.
  func program(
    memory: (Int) -> UnsafeMutablePointer<S>, variable: (Int) -> UnsafeMutablePointer<S>,
    constant: (Double) -> UnsafeMutablePointer<S>, inPlace: Set<Int>, blocks: Set<Int> = []
  ) -> ElementwiseProgram<S> {
    var registers = RegisterFile()
    var loads: [ElementwiseProgram<S>.Load] = []
    var known: [String: Int] = [:]
    var place: [Int: ElementwiseProgram<S>.Source] = [:]
    var lastUse: [Int: Int] = [:]
    for (position, draft) in drafts.enumerated() {
      for case .inner(let node) in draft.operands { lastUse[node] = position }
    }
    for update in updates where members.contains(update.value) { lastUse[update.value] = Int.max }

    func source(_ operand: Operand) -> ElementwiseProgram<S>.Source {
      switch operand {
      case .inner(let node): return place[node] ?? .none
      case .stream(let node): return blocks.contains(node) ? .block : .stream(memory(node))
      case .block: return .block
      case .uniform(let value): return .constant(constant(value))
      case .repeated(let node, let small):
        let register = known["\(node) \(small)"] ?? registers.reserve()
        if known.updateValue(register, forKey: "\(node) \(small)") == nil {
          loads.append(
            ElementwiseProgram<S>.Load(
              register: register, source: UnsafePointer(memory(node)), dimensions: shape.dimensions,
              strides: small.broadcastStrides(to: shape), period: small.period(in: shape)))
        }
        return .register(register)
      }
    }

    var instructions: [ElementwiseProgram<S>.Instruction] = []
    for (position, draft) in drafts.enumerated() {
      var instruction = ElementwiseProgram<S>.Instruction(opcode: draft.opcode, p: S(draft.p), q: S(draft.q))
      if draft.operands.count > 0 { instruction.a = source(draft.operands[0]) }
      if draft.operands.count > 1 { instruction.b = source(draft.operands[1]) }
      if draft.operands.count > 2 { instruction.c = source(draft.operands[2]) }
      for case .inner(let node) in draft.operands where lastUse[node] == position {
        if case .register(let register)? = place[node] { registers.release(register) }
        lastUse[node] = nil
      }
      if let update = updates.first(where: { $0.value == draft.node && inPlace.contains($0.number) }) {
        instruction.result = .stream(variable(update.number))
      } else if stored.contains(draft.node) {
        instruction.result = blocks.contains(draft.node) ? .block : .stream(memory(draft.node))
      } else {
        instruction.result = .register(registers.take())
      }
      place[draft.node] = instruction.result
      instructions.append(instruction)
    }
    for update in updates where !inPlace.contains(update.number) {
      var copy = ElementwiseProgram<S>.Instruction(opcode: .copy, p: 0, q: 0)
      copy.a = place[update.value] ?? .stream(memory(update.value))
      copy.result = .stream(variable(update.number))
      instructions.append(copy)
    }
    return ElementwiseProgram(
      count: shape.count, registerCount: registers.count, instructions: instructions, loads: loads)
  }
}

/// Block buffers, the lowest free one first; reserved ones hold loads and are never freed.
struct RegisterFile {
  private(set) var count = 0
  private var free: [Int] = []

  mutating func reserve() -> Int {
    count += 1
    return count - 1
  }

  mutating func take() -> Int { free.popLast() ?? reserve() }

  mutating func release(_ register: Int) { free.append(register) }
}

extension Shape {
  /// After how many elements of `shape` this shape's repetition along leading axes starts over; `nil` where an inner axis
  /// repeats too.
  func period(in shape: Shape) -> Int? {
    if count == 1 { return 1 }
    let offset = shape.rank - rank
    guard let first = dimensions.firstIndex(where: { $0 != 1 }) else { return 1 }
    for axis in first..<rank where self[axis] != shape[axis + offset] { return nil }
    return dimensions[first...].reduce(1, *)
  }
}
