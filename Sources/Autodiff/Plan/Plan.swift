public import BLAS
public import Tensors

/// A graph compiled for one batch size: a flat list of kernel calls over one arena.
///
/// Running it allocates nothing and looks nothing up. Inputs hold zeros at first and keep what they are given from step to step,
/// but not what they are lent (see ``missingInputs``). A plan is used by one task at a time; several plans may share a
/// ``State`` as long as they run one after the other.
public final class Plan<S: Scalar> {
  struct Slot {
    let start: UnsafeMutablePointer<S>
    let shape: Shape
    let name: String
    /// Where the step may take the input from instead, if it can.
    var lent: LentInput<S>?
    /// How many steps must have run before the value is there.
    var ready = 0
  }

  /// How many examples a step takes.
  public let batch: Int
  private let graph: Graph<S>
  private let pool: ThreadPool
  private let steps: [PlanStep]
  /// What each step runs, without its name: taking a step out of an array counts references to all that it holds, which a run of
  /// microseconds would notice.
  private let work: [PlanStep.Work]
  private let inputs: [Int: Slot]
  private let outputs: [Int: Slot]
  /// Held because the steps keep addresses into them.
  private let memory: PlanMemory<S>
  private let storages: [Storage<S>]
  private var given: Set<Int> = []
  private let lendable: [(node: Int, input: LentInput<S>)]
  private var trial: ThreadTrial
  /// Bytes of the arena: activations, gradients and scratch, without inputs and variables.
  public let arenaBytes: Int

  init(
    batch: Int, graph: Graph<S>, pool: ThreadPool, steps: [PlanStep], inputs: [Int: Slot], outputs: [Int: Slot],
    memory: PlanMemory<S>, storages: [Storage<S>], arenaBytes: Int
  ) {
    self.batch = batch
    self.graph = graph
    self.pool = pool
    self.steps = steps
    work = steps.map(\.work)
    self.inputs = inputs
    self.outputs = outputs
    self.memory = memory
    self.storages = storages
    self.arenaBytes = arenaBytes
    lendable = inputs.compactMap { node, slot in slot.lent.map { (node, $0) } }
    trial = ThreadTrial(threads: pool.threadCount)
  }

  /// Computes every output and carries out every update, once.
  ///
  /// Numbers too small for full precision (below 1.2e-38 for Float) count as zeros meanwhile, on all threads: many processors
  /// take a hundred times as long for them.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run() {
    let mode = FloatingPointMode.current
    mode.flushingSubnormals.makeCurrent()
    defer {
      mode.makeCurrent()
      forgetLent()
    }
    let isAlone = trial.begin()
    for work in work { run(work, isAlone) }
    trial.end()
  }

  @inline(__always)
  private func run(_ work: PlanStep.Work, _ isAlone: Bool) {
    if isAlone || work.taskCount == 1 {
      for task in 0..<work.taskCount { work.run(task) }
    } else {
      pool.run(work.taskCount, of: work)
    }
  }

  /// Names of the inputs that have not been given a value yet, and so hold zeros, or none since the last that was lent to them.
  public var missingInputs: [String] {
    inputs.keys.sorted().filter { !given.contains($0) }.compactMap { inputs[$0]?.name }
  }

  /// Whether a node is one of the graph's inputs, which every plan takes whether its outputs depend on them or not.
  public func takes(_ input: Node<S>) -> Bool { input.graph === graph && inputs[input.index] != nil }

  /// Like ``run()``, but asks `isGood` as soon as the scalar output `node` is known, before anything that comes later:
  /// variables whose updates depend on gradients still have the values that led there, and keep them where it says no.
  ///
  /// - Returns: whether everything was run.
  /// - Throws: what `isGood` throws, and `GraphError.notInPlan`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func run(checking node: Node<S>, _ isGood: (Double) throws -> Bool) throws -> Bool {
    guard let slot = outputs[node.index], node.graph === graph else { throw GraphError.notInPlan("\(node)") }
    let mode = FloatingPointMode.current
    mode.flushingSubnormals.makeCurrent()
    var isGivenUp = true
    defer {
      mode.makeCurrent()
      if isGivenUp { takeLent() }
      forgetLent(isKept: isGivenUp)
    }
    let isAlone = trial.begin()
    for index in 0...work.count {
      if index == slot.ready {
        mode.makeCurrent()
        guard try isGood(Double(slot.start.pointee)) else { return false }
        mode.flushingSubnormals.makeCurrent()
      }
      if index == work.count { break }
      run(work[index], isAlone)
    }
    trial.end()
    isGivenUp = false
    return true
  }

  /// Calls `body` with the memory of an input, to be filled row-major; its contents stay from step to step.
  public func withInput<Result>(
    _ node: Node<S>, _ body: (UnsafeMutableBufferPointer<S>) throws -> Result
  ) throws -> Result {
    let slot = try slot(of: node)
    given.insert(node.index)
    slot.lent?.source = nil
    return try body(UnsafeMutableBufferPointer(start: slot.start, count: slot.shape.count))
  }

  /// Gives an input its value for the steps to come.
  ///
  /// - Throws: ``GraphError/inputShape(name:expected:found:)`` where the tensor has another shape than the input.
  public func set(_ node: Node<S>, to tensor: Tensor<S>) throws {
    let slot = try slot(of: node)
    guard slot.shape == tensor.shape else {
      throw GraphError.inputShape(name: slot.name, expected: slot.shape, found: tensor.shape)
    }
    given.insert(node.index)
    slot.lent?.source = nil
    tensor.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { slot.start.update(from: base, count: source.count) }
    }
  }

  /// Lets the next run read an input in memory that must stay as it is until then, where the tasks that read it first can
  /// take their parts of it themselves.
  ///
  /// The loan ends with that run, or with another value for the input; ``withInput(_:_:)`` shows what the input held before,
  /// and calling it ends the loan too. For the runs after that the input is missing until it is given or lent a value again:
  /// its memory holds what was lent or what was there before, as the plan had to copy it or not. A run that is given up keeps
  /// what it was lent.
  ///
  /// - Parameters:
  ///   - elements: the input's elements, row-major.
  ///   - node: one of the graph's inputs.
  /// - Returns: false where they cannot, and nothing was done.
  /// - Throws: ``GraphError/inputShape(name:expected:found:)`` where there are more or fewer elements than the input has, and
  ///   ``GraphError/notAnInput(_:)``.
  public func lend(_ elements: UnsafeBufferPointer<S>, to node: Node<S>) throws -> Bool {
    let slot = try slot(of: node)
    guard elements.count == slot.shape.count else {
      throw GraphError.inputShape(name: slot.name, expected: slot.shape, found: [elements.count])
    }
    guard let lent = slot.lent else { return false }
    given.insert(node.index)
    lent.source = elements.baseAddress
    return true
  }

  /// Copies what was lent to a run that was given up, perhaps before it came to it.
  private func takeLent() {
    for slot in inputs.values {
      if let source = slot.lent?.source { slot.start.update(from: source, count: slot.shape.count) }
    }
  }

  private func forgetLent(isKept: Bool = false) {
    for (node, lent) in lendable where lent.source != nil {
      lent.source = nil
      if !isKept { given.remove(node) }
    }
  }

  private func slot(of input: Node<S>) throws(GraphError) -> Slot {
    guard let slot = inputs[input.index], input.graph === graph else { throw .notAnInput("\(input)") }
    return slot
  }

  /// Gives a scalar input its value for the steps to come.
  ///
  /// - Throws: ``GraphError/inputShape(name:expected:found:)`` where the input has axes.
  @specialized(where S == Float, Number == Double)
  @specialized(where S == Double, Number == Double)
  public func set<Number: BinaryFloatingPoint>(_ node: Node<S>, to value: Number) throws {
    let slot = try slot(of: node)
    guard slot.shape == [] else { throw GraphError.inputShape(name: slot.name, expected: slot.shape, found: []) }
    given.insert(node.index)
    slot.start.pointee = S(Double(value))
  }

  /// Calls `body` with an output's elements as the last step left them; a variable's are those after its update.
  public func withValue<Result>(
    of node: Node<S>, _ body: (UnsafeBufferPointer<S>) throws -> Result
  ) throws -> Result {
    guard node.graph === graph, let slot = outputs[node.index] else { throw GraphError.notInPlan("\(node)") }
    return try body(UnsafeBufferPointer(start: slot.start, count: slot.shape.count))
  }

  /// A copy of an output as the last step left it.
  public func value(of node: Node<S>) throws -> Tensor<S> {
    guard node.graph === graph, let slot = outputs[node.index] else { throw GraphError.notInPlan("\(node)") }
    return Tensor(slot.shape, Array(UnsafeBufferPointer(start: slot.start, count: slot.shape.count)))
  }

  /// The first element of an output, for losses and other scalars.
  @specialized(where S == Float)
  @specialized(where S == Double)
  public func scalar(_ node: Node<S>) throws -> Double { try withValue(of: node) { Double($0[0]) } }

  /// What a step does one after the other, each with how many tasks it is cut into: kernel calls, or several that run
  /// together, with "," between those that follow each other in the same tasks and "|" between those beside each other.
  public var schedule: [(label: String, tasks: Int)] { steps.map { ($0.label, $0.taskCount) } }

  /// Seconds spent in each kernel call over `steps` runs, measured as `schedule` lists them.
  public func profile(runs: Int) -> [(label: String, seconds: Double)] {
    let mode = FloatingPointMode.current
    mode.flushingSubnormals.makeCurrent()
    defer {
      mode.makeCurrent()
      forgetLent()
    }
    var seconds = [Double](repeating: 0, count: steps.count)
    let clock = ContinuousClock()
    for _ in 0..<runs {
      for (index, step) in steps.enumerated() {
        let duration = clock.measure { pool.run(step.taskCount, of: step.work) }
        seconds[index] += Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
      }
    }
    return zip(steps, seconds).map { ($0.label, $1) }
  }
}

extension Graph {
  /// Compiles what is needed for `outputs` and for the recorded updates.
  ///
  /// - Parameters:
  ///   - outputs: the nodes whose values the plan keeps for ``Plan/value(of:)``.
  ///   - batch: how many examples a step takes.
  ///   - state: holds the variables; made from its seed where they are new.
  ///   - pool: the threads that share the work. Results do not depend on how many there are.
  ///   - updating: whether the recorded updates are part of the plan.
  ///   - memoryBudget: the most bytes that ``Plan/arenaBytes`` may be; as many as it takes where nil. Where that is more, values
  ///     from before the outputs are not kept for what is computed after them, but computed again from others that are, to the
  ///     same bits: less memory for more time.
  /// - Throws: ``GraphError`` for the first mistake that was recorded, with its layer and its line, and
  ///   ``GraphError/memoryBudget(bytes:smallest:heldBy:batch:)``.
  public func compile(
    _ outputs: [Node<S>], batch: Int = 1, state: State<S>, pool: ThreadPool = .shared, updating: Bool = true,
    memoryBudget: Int? = nil
  ) throws(GraphError) -> Plan<S> {
    var compiler = try compiler(
      outputs, batch: batch, state: state, updating: updating, memoryBudget: memoryBudget)
    return try compiler.compile(pool: pool)
  }
}

/// One kernel call. It stands outside the generic plan so that handing it to the pool captures no type, which would cost
/// an allocation each time.
struct PlanStep {
  let label: String
  let work: Work
  var taskCount: Int { work.taskCount }

  /// What travels to the pool's threads. Nobody counts references to it: the numbers of threads that do so at once move between
  /// processors, for as long as a small task takes. The step whose work it is holds what it refers to.
  struct Work: ParallelWork {
    let taskCount: Int
    private let body: Unmanaged<Body>

    init(_ body: Body, taskCount: Int) {
      self.taskCount = taskCount
      self.body = .passUnretained(body)
    }

    @inline(__always)
    func run(_ task: Int) { body._withUnsafeGuaranteedRef { $0.run(task) } }

    func run(_ first: Int, then next: () -> Int?) {
      body._withUnsafeGuaranteedRef { body in
        var task = first
        while true {
          body.run(task)
          guard let following = next() else { return }
          task = following
        }
      }
    }
  }

  /// What a step does in one of its tasks.
  final class Body {
    let run: (Int) -> Void

    init(_ run: @escaping (Int) -> Void) { self.run = run }
  }

  /// What the step does.
  let phase: Phase
  private let body: Body

  init(label: String, _ phase: Phase) {
    self.label = label
    self.phase = phase
    body = Body(phase.body)
    work = Work(body, taskCount: phase.taskCount)
  }

  /// Steps that do in turn what several lists of steps do, the first of all lists at the same time, then the second. The
  /// single tasks of small ones follow each other in one task; a small list that is nothing else stands beside the step of most
  /// tasks, where it leaves no thread idle.
  static func together(_ lists: [(steps: [PlanStep], isSmall: Bool)]) -> [PlanStep] {
    let isLoose = lists.map { $0.isSmall && $0.steps.count == 1 && $0.steps[0].taskCount == 1 }
    let count = lists.map(\.steps.count).max() ?? 0
    let tasks = (0..<count).map { index in
      zip(lists, isLoose).reduce(0) { sum, list in
        list.1 || index >= list.0.steps.count ? sum : sum + list.0.steps[index].taskCount
      }
    }
    let busiest = tasks.firstIndex(of: tasks.max() ?? 0)
    return (0..<count).map { index in
      let here = zip(lists, isLoose).compactMap { list, isLoose -> (step: PlanStep, isSmall: Bool)? in
        if isLoose { return index == busiest ? (list.steps[0], true) : nil }
        return index < list.steps.count ? (list.steps[index], list.isSmall) : nil
      }
      let small = here.filter { $0.isSmall && $0.step.taskCount == 1 }.map(\.step)
      let large = here.filter { !($0.isSmall && $0.step.taskCount == 1) }.map(\.step)
      let parts = large + (small.isEmpty ? [] : [inTurn(small)])
      guard parts.count > 1 else { return parts[0] }
      let ends = parts.indices.map { part in parts[...part].reduce(0) { $0 + $1.taskCount } }
      return PlanStep(
        label: here.map(\.step.label).joined(separator: " | "),
        Phase(taskCount: ends[parts.count - 1], holding: parts) { works, task in
          var part = 0
          while task >= ends[part] { part += 1 }
          works[part].run(task - (part > 0 ? ends[part - 1] : 0))
        })
    }
  }

  /// Steps of one task each as one.
  private static func inTurn(_ steps: [PlanStep]) -> PlanStep {
    guard steps.count > 1 else { return steps[0] }
    return PlanStep(
      label: steps.map(\.label).joined(separator: " | "),
      Phase(taskCount: 1, holding: steps) { works, _ in
        for work in works { work.run(0) }
      })
  }
}

extension Phase {
  /// A phase whose tasks run what other steps do, which it holds.
  fileprivate init(taskCount: Int, holding steps: [PlanStep], _ body: @escaping ([PlanStep.Work], Int) -> Void) {
    let works = steps.map(\.work)
    self.init(taskCount: taskCount) { task in
      withExtendedLifetime(steps) { body(works, task) }
    }
  }
}
