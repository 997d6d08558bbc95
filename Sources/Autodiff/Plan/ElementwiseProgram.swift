import BLAS
import Tensors

/// A chain of elementwise operations run block by block, so that what passes between them stays in the first-level cache.
struct ElementwiseProgram<S: Scalar> {
  enum Source {
    /// No operand.
    case none
    /// Memory with one element for each element of the result.
    case stream(UnsafeMutablePointer<S>)
    /// Memory with the elements that a product or a kernel has just made.
    case block
    /// ``longestBlock`` elements that are all the same number.
    case constant(UnsafeMutablePointer<S>)
    /// A block of scratch.
    case register(Int)
  }

  struct Instruction {
    let opcode: ElementwiseOpcode
    let p: S
    let q: S
    var a = Source.none
    var b = Source.none
    var c = Source.none
    var result = Source.none
  }

  /// A smaller operand repeated over the result.
  final class Load {
    let register: Int
    let source: UnsafePointer<S>
    let dimensions: [Int]
    let strides: [Int]
    /// After so many elements the pattern repeats; 1 for a scalar, `nil` where it never does.
    let period: Int?

    init(register: Int, source: UnsafePointer<S>, dimensions: [Int], strides: [Int], period: Int?) {
      (self.register, self.source, self.period) = (register, source, period)
      (self.dimensions, self.strides) = (dimensions, strides)
    }
  }

  /// How the elements are cut: `tasks` of `blocksPerTask` blocks of `block` elements.
  struct Division: Equatable {
    let block: Int
    let tasks: Int
    let blocksPerTask: Int
  }

  /// No block is longer, so that memory full of a constant serves every program.
  static var longestBlock: Int { 4096 }

  let count: Int
  let registerCount: Int
  let instructions: [Instruction]
  private let loads: [Load]
  /// Loads whose pattern starts over with each block are made once a run, the others once a block. Tasks do not count references
  /// to them, which would pass numbers from thread to thread.
  private let residentLoads: [Unmanaged<Load>]
  private let streamingLoads: [Unmanaged<Load>]
  let division: Division

  /// Scratch that each task needs.
  var scratchCount: Int { registerCount * division.block }

  init(count: Int, registerCount: Int, instructions: [Instruction], loads: [Load]) {
    self.count = count
    self.registerCount = registerCount
    self.instructions = instructions
    let division = Self.division(count: count, registers: registerCount, periods: loads.compactMap(\.period))
    self.division = division
    self.loads = loads
    func isResident(_ load: Load) -> Bool { load.period.map { $0 <= division.block } ?? false }
    residentLoads = loads.filter { isResident($0) }.map { .passUnretained($0) }
    streamingLoads = loads.filter { !isResident($0) }.map { .passUnretained($0) }
  }

  /// Cuts the work by its shape alone: registers and streams of a block together fit the first-level cache, and a block is a
  /// multiple of every repetition that fits into it. Repetitions are suffixes of one shape, so the longest is a multiple
  /// of the others.
  static func division(count: Int, registers: Int, periods: [Int]) -> Division {
    let fitting = 32_768 / MemoryLayout<S>.stride / (registers + 2) / 64 * 64
    var block = Swift.max(256, Swift.min(longestBlock, fitting))
    if let period = periods.filter({ $0 <= block }).max() { block = block / period * period }
    block = Swift.min(block, Swift.max(count, 1))
    let blocks = Swift.max(1, (count + block - 1) / block)
    let tasks = Swift.min(16, Swift.max(1, count / 4096), blocks)
    let blocksPerTask = (blocks + tasks - 1) / tasks
    // As even as lines of the cache and repetitions allow.
    let line = 64 / MemoryLayout<S>.stride
    let period = periods.filter { $0 <= block }.max() ?? 1
    let both = period * (line / Self.greatestCommonDivisor(period, line))
    let unit = both <= block ? both : period
    let even = (count + tasks * blocksPerTask * unit - 1) / (tasks * blocksPerTask * unit) * unit
    block = Swift.min(block, Swift.max(even, unit))
    let span = block * blocksPerTask
    return Division(block: block, tasks: Swift.max(1, (count + span - 1) / span), blocksPerTask: blocksPerTask)
  }

  private static func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : greatestCommonDivisor(b, a % b) }

  /// The phase that runs the program; `scratch` holds what its tasks need.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func phase(scratch: UnsafeMutablePointer<S>) -> Phase {
    let span = division.blocksPerTask * division.block
    return Phase(taskCount: division.tasks) { task in
      let registers = scratch + task * scratchCount
      run(registers, division.block, from: task * span, to: Swift.min((task + 1) * span, count))
    }
  }

  /// `phase` with the program run over the range of elements that each task has written: piece by piece, where the task tells of
  /// them, or else at its end.
  ///
  /// - Parameter stride: elements from one task's scratch to the next's.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func tail(of phase: Phase, ranges: [Range<Int>], scratch: UnsafeMutablePointer<S>, stride: Int) -> Phase {
    if let body = phase.bodyByPieces {
      return Phase(
        taskCount: phase.taskCount,
        byPieces: { task, written in
          body(task) { piece in
            run(scratch + task * stride, division.block, from: piece.lowerBound, to: piece.upperBound)
            written(piece)
          }
        })
    }
    return Phase(taskCount: phase.taskCount) { task in
      phase.body(task)
      run(scratch + task * stride, division.block, from: ranges[task].lowerBound, to: ranges[task].upperBound)
    }
  }

  /// Scratch that all tasks together need where a product is made block by block.
  func scratchCount(making product: BlockedProduct<S>) -> Int {
    product.tasks * (product.blockCount + scratchCount)
  }

  /// The phase that makes a product block by block and runs the program over each block; `scratch` holds what its tasks need.
  @specialized(where S == Float)
  @specialized(where S == Double)
  func phase(
    making product: BlockedProduct<S>, a: UnsafePointer<S>, b: UnsafePointer<S>, scratch: UnsafeMutablePointer<S>
  ) -> Phase {
    Phase(taskCount: product.tasks) { task in
      let block = scratch + task * (product.blockCount + scratchCount)
      product.forEachBlock(task: task, a: a, b: b, block: block) { range in
        run(
          block + product.blockCount, division.block, from: range.lowerBound, to: range.upperBound,
          made: block - range.lowerBound)
      }
    }
  }

  /// Runs the program over a range of elements that have just been made in `made`, the first of them there.
  func run(_ range: Range<Int>, made: UnsafeMutablePointer<S>, scratch: UnsafeMutablePointer<S>) {
    run(scratch, division.block, from: range.lowerBound, to: range.upperBound, made: made - range.lowerBound)
  }

  /// Runs the program over a range of elements; element i of what was made block by block is at `made[i]`.
  @specialized(where S == Float)
  @specialized(where S == Double)
  private func run(
    _ registers: UnsafeMutablePointer<S>, _ block: Int, from start: Int, to end: Int,
    made: UnsafeMutablePointer<S>? = nil
  ) {
    // What is not counted must be held to the end.
    defer { withExtendedLifetime(loads) {} }
    let first = Swift.min(block, end - start)
    for load in residentLoads.indices { perform(residentLoads[load], start, first, registers, block) }
    var position = start
    while position < end {
      let length = Swift.min(block, end - position)
      for load in streamingLoads.indices { perform(streamingLoads[load], position, length, registers, block) }
      for index in instructions.indices { execute(index, length, position, registers, block, made) }
      position += length
    }
  }

  @inline(__always)
  private func execute(
    _ index: Int, _ length: Int, _ position: Int, _ registers: UnsafeMutablePointer<S>, _ block: Int,
    _ made: UnsafeMutablePointer<S>?
  ) {
    let instruction = instructions[index]
    guard let result = address(instruction.result, position, registers, block, made) else { return }
    S.elementwise(
      instruction.opcode, length, UnsafePointer(address(instruction.a, position, registers, block, made)),
      UnsafePointer(address(instruction.b, position, registers, block, made)),
      UnsafePointer(address(instruction.c, position, registers, block, made)), result, instruction.p, instruction.q)
  }

  @inline(__always)
  private func address(
    _ source: Source, _ position: Int, _ registers: UnsafeMutablePointer<S>, _ block: Int,
    _ made: UnsafeMutablePointer<S>?
  ) -> UnsafeMutablePointer<S>? {
    switch source {
    case .none: nil
    case .stream(let base): base + position
    case .block: made.map { $0 + position }
    case .constant(let base): base
    case .register(let register): registers + register * block
    }
  }

  @inline(__always)
  private func perform(
    _ load: Unmanaged<Load>, _ start: Int, _ length: Int, _ registers: UnsafeMutablePointer<S>, _ block: Int
  ) {
    load._withUnsafeGuaranteedRef { $0.perform(start, length, registers + $0.register * block) }
  }
}

extension ElementwiseProgram.Load {
  /// Repeats the operand over `length` elements from number `start` on.
  @specialized(where S == Float)
  @specialized(where S == Double)
  fileprivate func perform(_ start: Int, _ length: Int, _ target: UnsafeMutablePointer<S>) {
    if period == 1 {
      S.elementwise(.fill, length, nil, nil, nil, target, source.pointee, 0)
    } else if let period, period < length {
      // Once through, then what is there twice, four times, ...
      var filled = period
      S.broadcastCopy(
        rank: dimensions.count, dimensions: dimensions, strides: strides, start: start, count: filled, source, target)
      while filled < length {
        let count = Swift.min(filled, length - filled)
        S.elementwise(.copy, count, target, nil, nil, target + filled, 0, 0)
        filled += count
      }
    } else {
      S.broadcastCopy(
        rank: dimensions.count, dimensions: dimensions, strides: strides, start: start, count: length, source, target)
    }
  }
}
