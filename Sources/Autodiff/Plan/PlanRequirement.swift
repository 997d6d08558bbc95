/// The memory that a plan asks for, known before any of it is taken.
public struct PlanRequirement: Hashable, Sendable {
  /// How many examples a step takes.
  public let batch: Int
  /// Bytes of the arena: activations, gradients and scratch.
  public let arenaBytes: Int
  /// Bytes of inputs and constants.
  public let inputBytes: Int
  /// Bytes of the variables that the plan uses, which plans of one ``State`` share.
  public let variableBytes: Int
  /// Bytes of those that the state does not have yet.
  public let newVariableBytes: Int

  /// All of them.
  public var totalBytes: Int { arenaBytes + inputBytes + variableBytes }
}

extension Graph {
  /// What ``compile(_:batch:state:pool:updating:memoryBudget:)`` would take, without taking it or drawing a variable.
  ///
  /// - Parameters:
  ///   - outputs: the nodes whose values the plan would keep.
  ///   - batch: how many examples a step would take.
  ///   - state: the variables that are there already.
  ///   - updating: whether the recorded updates are part of the plan.
  ///   - memoryBudget: as for ``compile(_:batch:state:pool:updating:memoryBudget:)``.
  /// - Throws: ``GraphError`` for the first mistake that was recorded, with its layer and its line.
  public func requirement(
    _ outputs: [Node<S>], batch: Int = 1, state: State<S> = State(), updating: Bool = true,
    memoryBudget: Int? = nil
  ) throws(GraphError) -> PlanRequirement {
    var compiler = try compiler(
      outputs, batch: batch, state: state, updating: updating, memoryBudget: memoryBudget)
    return try compiler.requirement()
  }

  /// A compiler, where nothing was recorded that it would refuse, of this graph or of one made of it, for interleaved images, slices of
  /// the batch or the budget.
  func compiler(
    _ outputs: [Node<S>], batch: Int, state: State<S>, updating: Bool, memoryBudget: Int?,
    sliceRule: SliceRule = SliceRule()
  ) throws(GraphError) -> Compiler<S> {
    if let failure { throw failure }
    guard batch > 0 else { throw .batchSize(batch) }
    for node in outputs where node.graph !== self { throw .foreignNode(operation: "compile") }
    var compiler = Compiler(
      graph: self, outputs: outputs.map(\.index), batch: batch, state: state, updates: updating ? updates : [])
    compiler.sliceRule = sliceRule
    let interleaved = try InterleavedImages(compiler)
    if let interleaved { compiler = interleaved.rewritten(isThrifty: false) }
    compiler = try compiler.takingSlices()
    if let memoryBudget {
      if let interleaved, try compiler.arenaBytesNeeded() > memoryBudget {
        var thrifty = interleaved.rewritten(isThrifty: true)
        thrifty.sliceRule = compiler.sliceRule
        compiler = try thrifty.makingSlicesAgain()
      }
      compiler = try RecomputationSearch(compiler, budget: memoryBudget).run()
    }
    return try compiler.slicingWhereItSaves(budget: memoryBudget)
  }
}
