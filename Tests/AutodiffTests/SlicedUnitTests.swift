import BLAS
import CAllocationCounter
import Kernels
import Tensors
import Testing

@testable import Autodiff

/// Plans that go through their batch a slice at a time, against the same plans that take it whole.
@Suite("Slices of the batch")
struct SlicedUnitTests {
  /// The largest difference, as a part of the largest wanted number.
  private func error<S: Scalar, Other: Scalar>(_ found: [[S]], from wanted: [[Other]]) -> Double {
    zip(found, wanted).reduce(0) { error, pair in
      let size = pair.1.map { abs(Double($0)) }.max() ?? 0
      let differences = zip(pair.0, pair.1).map { abs(Double($0) - Double($1)) }
      return max(error, pair.0.count == pair.1.count && size > 0 ? (differences.max() ?? 0) / size : .infinity)
    }
  }

  @Test("train as whole batches do", arguments: SlicedNetwork<Float>.Pooling.allCases, [8, 24])
  func training(_ pooling: SlicedNetwork<Float>.Pooling, _ channels: Int) throws {
    func check(_ algorithm: ConvolutionAlgorithm?, groups: Int = 1) throws {
      let double = SlicedNetwork<Double>(
        pooling == .maximum ? .maximum : .average, algorithm: algorithm, channels: channels, groups: groups)
      let sliced = try double.compiler([double.loss], batch: 6, rule: SlicedNetwork<Double>.rule, allRuns: true)
      let calls = try double.calls(sliced)
      #expect(calls.filter { $0.imagesAtATime == 3 }.count > 12)
      let whole = try double.compiler([double.loss], batch: 6, rule: .never)
      #expect(try double.calls(whole).allSatisfy { $0.imagesAtATime == nil })
      let wanted = try double.trained(whole, [double.loss], steps: 3)
      let found = try double.trained(sliced, [double.loss], steps: 3)
      #expect(error(found.parameters + found.outputs, from: wanted.parameters + wanted.outputs) < 1e-12)
      // In single precision the parts of a sum cost no more than rounding did before.
      let float = SlicedNetwork<Float>(pooling, algorithm: algorithm, channels: channels, groups: groups)
      let errors = try [SlicedNetwork<Float>.rule, .never].map { rule in
        let compiler = try float.compiler([float.loss], batch: 6, rule: rule, allRuns: true)
        return error(try float.trained(compiler, [float.loss], steps: 3).parameters, from: wanted.parameters)
      }
      #expect(errors[0] <= 2 * errors[1] && errors[1] < 1e-5, "\(errors)")
    }
    try check(nil)
    try check(.direct)
    try check(nil, groups: 2)
  }

  @Test("keep what is read elsewhere of all images, to the same bits")
  func valuesOfAllImages() throws {
    for pooling in SlicedNetwork<Float>.Pooling.allCases {
      let network = SlicedNetwork<Float>(pooling, algorithm: .direct)
      // A part of the loss that reads an activation when the pass has gone by, and reaches it under another shape.
      let late = sum(square(network.first.reshaped(to: [.batch, 64, 32])), axes: [2])
      let gradients = network.graph.gradients(of: network.loss, withRespectTo: [network.images, network.second])
      let outputs = [network.loss, network.second, late] + gradients
      let whole = try network.compiler(outputs, batch: 6, rule: .never)
      let sliced = try network.compiler(outputs, batch: 6, rule: SlicedNetwork<Float>.rule, allRuns: true)
      #expect(try network.calls(sliced).contains { $0.imagesAtATime == 3 })
      let (found, wanted) = (try network.trained(sliced, outputs), try network.trained(whole, outputs))
      for (found, wanted) in zip(found.outputs, wanted.outputs) {
        #expect(found == wanted && wanted.contains { $0 != 0 })
      }
    }
  }

  @Test("take less memory")
  func memory() throws {
    let network = SlicedNetwork<Float>()
    let whole = try network.compiler([network.loss], batch: 12, rule: .never)
    let sliced = try network.compiler([network.loss], batch: 12, rule: SlicedNetwork<Float>.rule)
    let bytes = try network.plan(sliced).arenaBytes
    #expect(try bytes == network.bytes(sliced) && 5 * bytes < 2 * network.bytes(whole))
  }

  @Test("leave whole what saves too little, to the same bits")
  func wholeRuns() throws {
    let network = SlicedNetwork<Float>(algorithm: .direct)
    var rule = SlicedNetwork<Float>.rule
    func images(_ operations: [String], _ compiler: Compiler<Float>) throws -> [Int?] {
      try network.calls(compiler).filter { $0.operations == operations && !$0.isRecomputed }.map(\.imagesAtATime)
    }
    let compiler = try network.compiler([network.loss], batch: 12, rule: rule)
    #expect(try images(["convolution"], compiler) == [3, 3, 3])
    // Slices of both passes halve the memory, those of the forward pass alone do not.
    rule.leastSaving = 1
    let other = try network.compiler([network.loss], batch: 12, rule: rule)
    #expect(try images(["convolution"], other) == [nil, nil, nil])
    #expect(try images(["max pooling's gradient"], other) == [3, 3])
    let (found, wanted) = (
      try network.trained(other, [network.loss], steps: 3), try network.trained(compiler, [network.loss], steps: 3)
    )
    #expect(found.parameters == wanted.parameters && found.outputs == wanted.outputs)
    // Where nothing is saved, nothing is sliced.
    let small = try network.compiler([network.second], batch: 4, rule: rule)
    #expect(try network.calls(small).allSatisfy { $0.imagesAtATime == nil && !$0.isRecomputed })
  }

  @Test("make a first convolution again instead of keeping it, if it is cheap")
  func madeAgain() throws {
    let network = SlicedNetwork<Float>()
    func again(_ change: (inout SliceRule) -> Void) throws -> [PlannedCall] {
      var rule = SlicedNetwork<Float>.rule
      change(&rule)
      return try network.calls(network.compiler([network.loss], batch: 12, rule: rule)).filter(\.isRecomputed)
    }
    let calls = try again { _ in }
    #expect(calls.flatMap(\.operations).filter { $0 == "convolution" }.count == 1)
    #expect(calls.allSatisfy { $0.imagesAtATime == 3 })
    // A window of 3 x 3 over 3 channels takes 27 multiply-adds.
    #expect(try again { $0.cheapest = 27 } == calls)
    #expect(try again { $0.cheapest = 26 }.isEmpty)
    #expect(try again { $0.leastSaving = 1 }.isEmpty)
    // A product reads it whole when the loss is known.
    let sizes = network.graph.variable("sizes", [], .tensor(Tensor(scalar: 0)), isTrainable: false)
    let weights = network.graph.constant(Tensor([2048, 1], (0..<2048).map { Float($0 % 7) - 3 }))
    network.graph.update(sizes, to: sum(network.first.reshaped(to: [.batch, 2048]) • weights))
    #expect(try again { _ in }.isEmpty)
  }

  @Test("have the same bits for every number of threads, and allocate nothing", arguments: [1, 2, 4])
  func threads(_ threads: Int) throws {
    let network = SlicedNetwork<Float>(dropping: 0.25)
    func compiler() throws -> Compiler<Float> {
      try network.compiler([network.loss], batch: 6, rule: SlicedNetwork<Float>.rule, allRuns: true)
    }
    let (found, wanted) = try (
      network.trained(compiler(), [network.loss], steps: 4, threads: threads),
      network.trained(compiler(), [network.loss], steps: 4, threads: 3)
    )
    #expect(found.parameters == wanted.parameters && found.outputs == wanted.outputs)
    let plan = try network.plan(compiler(), threads: threads)
    plan.run()
    let before = ridgeline_allocation_count()
    for _ in 0..<10 { plan.run() }
    #if !DEBUG
      #expect((ridgeline_allocation_count() - before) / 10 == 0)
    #endif
  }

  @Test("divide the batch, or there are none", arguments: [1, 2, 3, 4, 5, 6, 7, 9, 12])
  func batches(_ batch: Int) throws {
    let network = SlicedNetwork<Double>()
    let sliced = try network.compiler([network.loss], batch: batch, rule: SlicedNetwork<Double>.rule, allRuns: true)
    let images = Set(try network.calls(sliced).compactMap(\.imagesAtATime))
    let expected: [Int: Set<Int>] = [4: [2], 6: [3], 9: [3], 12: [3]]
    #expect(images == expected[batch] ?? [])
    let whole = try network.compiler([network.loss], batch: batch, rule: .never)
    let (found, wanted) = (try network.trained(sliced, [network.loss]), try network.trained(whole, [network.loss]))
    #expect(error(found.parameters + found.outputs, from: wanted.parameters + wanted.outputs) < 1e-13)
  }

  @Test("keep within a budget, to the same bits")
  func budget() throws {
    let network = SlicedNetwork<Float>(dropping: 0.25)
    // Nothing is cheap enough to be made again without need.
    var rule = SlicedNetwork<Float>.rule
    rule.cheapest = 0
    let compiler = try network.compiler([network.loss], batch: 12, rule: rule)
    let wanted = try network.trained(compiler, [network.loss], steps: 2)
    let bytes = try network.bytes(compiler)
    var again: Set<Bool> = []
    for percent in [200, 100, 95, 90, 85, 80, 75, 70] {
      let budget = percent * bytes / 100
      guard let other = try? network.compiler([network.loss], batch: 12, rule: rule, budget: budget) else { continue }
      again.insert(try network.calls(other).contains(where: \.isRecomputed))
      #expect(try network.bytes(other) <= budget)
      let found = try network.trained(other, [network.loss], steps: 2)
      #expect(found.parameters == wanted.parameters && found.outputs == wanted.outputs, "\(percent) %")
    }
    #expect(again == [false, true])
  }

  @Test("take an input that is lent slice by slice")
  func lent() throws {
    let network = SlicedNetwork<Float>()
    let outputs = [network.loss, network.second]
    let compiler = try network.compiler(outputs, batch: 6, rule: SlicedNetwork<Float>.rule, allRuns: true)
    let wanted = try network.trained(compiler, outputs)
    let other = try network.compiler(outputs, batch: 6, rule: SlicedNetwork<Float>.rule, allRuns: true)
    #expect(try network.calls(other).first { $0.operations == ["convolution"] }?.imagesAtATime == 3)
    let plan = try network.plan(other)
    try plan.withInput(network.images) { $0.update(repeating: .nan) }
    let values = network.imageValues(6)
    let isLent = try values.withUnsafeBufferPointer { elements in
      let isLent = try plan.lend(elements, to: network.images)
      plan.run()
      return isLent
    }
    #expect(isLent)
    #expect(try outputs.map { try plan.value(of: $0).elements } == wanted.outputs)
    #expect(network.parameters.map { other.state[network.graph.name(of: $0) ?? ""]?.elements } == wanted.parameters)
  }

  @Test("show a sum when all of them are done, and change nothing where a step is given up for it")
  func givenUp() throws {
    let network = SlicedNetwork<Double>()
    let size = sum(square(network.second))
    let compiler = try network.compiler([size], batch: 6, rule: SlicedNetwork<Double>.rule, allRuns: true)
    let plan = try network.plan(compiler)
    let before = compiler.state.tensors
    var seen: [Double] = []
    let goesOn = try plan.run(checking: size) {
      seen.append($0)
      return false
    }
    let sums = try network.calls(compiler).filter { $0.operations.contains("sum over axes [0, 1, 2, 3]") }
    #expect(!goesOn && compiler.state.tensors == before && sums.allSatisfy { $0.imagesAtATime == 3 } && !sums.isEmpty)
    let whole = try network.compiler([size], batch: 6, rule: .never)
    let wanted = try network.trained(whole, [size]).outputs[0][0]
    #expect(seen.count == 1 && abs((seen.first ?? 0) - wanted) <= 1e-13 * wanted)
  }

  @Test("end where all images are needed, of a sum or of what is repeated for each image", arguments: [true, false])
  func allImages(_ isSum: Bool) throws {
    let graph = Graph<Double>()
    let (x, y) = (graph.input([4, 3]), graph.input([4, 4, 3]))
    let variable = graph.parameter("w", [], .zeros)
    graph.update(variable, to: variable + 1)
    let made = tanh(x)
    // A table of four rows is a batch of four images to what makes it, and whole to what adds it to every image.
    let first = maxPooling(y.reshaped(to: [4, 2, 2, 3]), size: 1).reshaped(to: [4, 4, 3])
    let read = isSum ? sum(first, axes: [0], keepingDimensions: true) : made
    let result = maxPooling((first * read).reshaped(to: [4, 2, 2, 3]), size: 2)
    var compiler = Compiler(
      graph: graph, outputs: [result.index, made.index], batch: 4, state: State(), updates: graph.updates)
    compiler.sliceRule = SliceRule(smallestImage: 1, images: 1...2)
    var planned = compiler
    #expect(try planned.calls().filter { $0.imagesAtATime == 2 }.count >= 2)
    let values = (SlicedNetwork<Double>.values([4, 3], 1), SlicedNetwork<Double>.values([4, 4, 3], 2))
    func run(_ compiler: Compiler<Double>) throws -> [Double] {
      var compiler = compiler
      let plan = try compiler.compile(pool: .shared)
      try plan.set(x, to: values.0)
      try plan.set(y, to: values.1)
      plan.run()
      return try plan.value(of: result).elements
    }
    var whole = compiler
    whole.sliceRule = .never
    #expect(error([try run(compiler)], from: [try run(whole)]) < 1e-15)
  }

  @Test("are of large images alone, whatever stands between them")
  func smallSums() throws {
    let graph = Graph<Double>()
    let (first, small, last) = (
      graph.input([.batch, 4, 4, 3]), graph.input([.batch, 2]), graph.input([.batch, 4, 4, 3])
    )
    let variable = graph.parameter("w", [], .zeros)
    graph.update(variable, to: variable + 1)
    func outputs(_ x: Node<Double>) -> Node<Double> { sum(maxPooling(maxPooling(x, size: 1), size: 2), axes: [0]) }
    let shown = [outputs(first), sum(small, axes: [0]), outputs(last)]
    var compiler = Compiler(
      graph: graph, outputs: shown.map(\.index), batch: 4, state: State(), updates: graph.updates)
    compiler.sliceRule = SliceRule(smallestImage: 12, images: 1...2)
    let calls = try compiler.calls().filter { $0.operations == ["sum over axes [0]"] }
    #expect(calls.map(\.imagesAtATime) == [2, nil, 2])
  }

  @Test("are for training alone")
  func inference() throws {
    let network = SlicedNetwork<Float>()
    var compiler = try network.graph.compiler(
      [network.loss], batch: 6, state: State(), updating: false, memoryBudget: nil, sliceRule: SlicedNetwork<Float>.rule
    )
    #expect(try compiler.calls().allSatisfy { $0.imagesAtATime == nil })
  }

  @Test("of random graphs have the values of a naive evaluation")
  func randomGraphs() throws {
    var runs = 0
    for seed in UInt64(500)..<700 {
      // At a batch of 4 there are tables and weights that look like a batch.
      let batch = [4, 6][Int(seed % 2)]
      var program = RandomProgram(seed: seed, batch: batch, operations: 60)
      let outputs = (0..<4).map { _ in program.pick() }
      let updates = program.updateVariables()
      let variables = program.variables.map(\.node)
      var compiler = Compiler(
        graph: program.graph, outputs: outputs.map(\.node.index), batch: batch, state: State(),
        updates: program.graph.updates)
      compiler.sliceRule = SliceRule(smallestImage: 1, images: 1...3)
      var planned = compiler
      let schedule = try planned.schedule().0
      runs += planned.layOut(schedule).sliced.runs.count
      let plan = try compiler.compile(pool: .shared)
      for input in program.inputs where plan.takes(input.node) { try plan.set(input.node, to: input.value) }
      plan.run()
      for output in outputs where !variables.contains(output.node) {
        let found = try plan.value(of: output.node)
        #expect(furthest(found.elements, from: output.value.elements).error < 1e-12, "seed \(seed)")
      }
      for update in updates {
        let found = try #require(compiler.state[update.name])
        #expect(furthest(found.elements, from: update.value.elements).error < 1e-12, "\(update.name), seed \(seed)")
      }
    }
    #expect(runs > 120)
  }
}
