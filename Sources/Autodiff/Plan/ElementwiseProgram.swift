import BLAS
import Tensors

/// A chain of elementwise operations run block by block, so that what passes between them stays in the first-level cache.
struct ElementwiseProgram<S: Scalar> {
  enum Source {
    /// No operand.
    case none
    /// Memory with one element for each element of the result.
    case stream(UnsafeMutablePointer<S>)
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
  struct Load {
    let register: Int
    let source: UnsafePointer<S>
    let dimensions: [Int]
    let strides: [Int]
    /// After so many elements the pattern repeats; 1 for a scalar, `nil` where it never does.
    let period: Int?
  }

  let count: Int
  let registerCount: Int
  let instructions: [Instruction]
  let constants: [(register: Int, value: S)]
  let loads: [Load]

  /// Registers and streams of a block together fit the first-level cache.
  private static func blockCount(_ registers: Int) -> Int {
    Swift.max(256, Swift.min(4096, 32_768 / MemoryLayout<S>.stride / (registers + 2) / 64 * 64))
  }

  /// Elements of a block, tasks, and blocks a task for a program of `registers` registers.
  ///
  /// - Parameter period: the longest repeating load; a block is a multiple of it, so that the load is made once a task.
  static func division(count: Int, registers: Int, period: Int?) -> (block: Int, tasks: Int, blocksPerTask: Int) {
    var block = blockCount(registers)
    if let period, period <= block { block = block / period * period }
    let blocks = Swift.max(1, (count + block - 1) / block)
    let tasks = Swift.min(16, Swift.max(1, count / 4096), blocks)
    let blocksPerTask = (blocks + tasks - 1) / tasks
    return (block, (blocks + blocksPerTask - 1) / blocksPerTask, blocksPerTask)
  }

  /// The phase that runs the program; `scratch` holds `tasks · registers · block` elements.
  func phase(scratch: UnsafeMutablePointer<S>, period: Int?) -> Phase {
    let (block, tasks, blocksPerTask) = Self.division(count: count, registers: registerCount, period: period)
    return Phase(taskCount: tasks) { task in
      let registers = scratch + task * registerCount * block
      run(
        registers, block, from: task * blocksPerTask * block, to: Swift.min((task + 1) * blocksPerTask * block, count))
    }
  }

  @specialized(where S == Float)
  @specialized(where S == Double)
  private func run(_ registers: UnsafeMutablePointer<S>, _ block: Int, from start: Int, to end: Int) {
    for constant in constants {
      S.elementwise(.fill, block, nil, nil, nil, registers + constant.register * block, constant.value, 0)
    }
    for load in loads where load.period.map({ $0 <= block }) ?? false {
      perform(load, start, Swift.min(block, end - start), registers, block)
    }
    var position = start
    while position < end {
      let length = Swift.min(block, end - position)
      for load in loads where !(load.period.map { $0 <= block } ?? false) {
        perform(load, position, length, registers, block)
      }
      for index in instructions.indices { execute(index, length, position, registers, block) }
      position += length
    }
  }

  @inline(__always)
  private func execute(
    _ index: Int, _ length: Int, _ position: Int, _ registers: UnsafeMutablePointer<S>, _ block: Int
  ) {
    let instruction = instructions[index]
    guard let result = address(instruction.result, position, registers, block) else { return }
    S.elementwise(
      instruction.opcode, length, UnsafePointer(address(instruction.a, position, registers, block)),
      UnsafePointer(address(instruction.b, position, registers, block)),
      UnsafePointer(address(instruction.c, position, registers, block)), result, instruction.p, instruction.q)
  }

  @inline(__always)
  private func address(
    _ source: Source, _ position: Int, _ registers: UnsafeMutablePointer<S>, _ block: Int
  ) -> UnsafeMutablePointer<S>? {
    switch source {
    case .none: nil
    case .stream(let base): base + position
    case .register(let register): registers + register * block
    }
  }

  @inline(__always)
  private func perform(
    _ load: Load, _ start: Int, _ length: Int, _ registers: UnsafeMutablePointer<S>, _ block: Int
  ) {
    let target = registers + load.register * block
    if load.period == 1 {
      S.elementwise(.fill, length, nil, nil, nil, target, load.source.pointee, 0)
    } else {
      S.broadcastCopy(
        rank: load.dimensions.count, dimensions: load.dimensions, strides: load.strides, start: start, count: length,
        load.source, target)
    }
  }
}
