import BLAS
import Datasets
import Tensors
import Testing

@Suite struct SubsetTests {
  /// Example i has the inputs [i, -i] and the class i mod 4.
  private func numbers(_ count: Int) throws -> TensorDataset {
    try TensorDataset(
      inputs: Tensor([count, 2], (0..<count).flatMap { [Float($0), -Float($0)] }),
      targets: Tensor([count], (0..<count).map { Float($0 % 4) }), classNames: ["a", "b", "c", "d"])
  }

  private func first(_ batch: Batch) -> [Float] { (0..<batch.count).map { batch.inputs[$0, 0] } }

  @Test func pairsTensors() throws {
    let set = try numbers(5)
    #expect(set.count == 5)
    #expect(set.exampleShape == [2])
    #expect(set.targetShape == [])
    let batch = try set.batch([3, 1])
    #expect(batch == Batch(inputs: Tensor([2, 2], [3, -3, 1, -1]), targets: Tensor([2], [3, 1])))
    #expect(try set.classIndex(of: 4) == 0)
    let scalar = try TensorDataset(inputs: Tensor([2], [7, 8]), targets: Tensor([2, 3], [1, 2, 3, 4, 5, 6]))
    #expect(scalar.exampleShape == [])
    #expect(scalar.targetShape == [3])
    #expect(try scalar.batch([1]).targets == Tensor([1, 3], [4, 5, 6]))
    #expect(throws: DatasetError.self) { try scalar.classIndex(of: 0) }
  }

  @Test func refusesTensorsThatDoNotPair() {
    #expect(throws: DatasetError.self) {
      try TensorDataset(inputs: .zeros([2, 3]), targets: .zeros([3]))
    }
    #expect(throws: DatasetError.self) { try TensorDataset(inputs: .zeros([]), targets: .zeros([1])) }
    #expect(throws: DatasetError.self) {
      try TensorDataset(inputs: .zeros([2, 1]), targets: .zeros([2, 1]), classNames: ["a"])
    }
    for bad: Float in [-1, 2, 0.5, .nan, .infinity] {
      #expect(throws: DatasetError.self) {
        try TensorDataset(inputs: .zeros([2, 1]), targets: Tensor([2], [0, bad]), classNames: ["a", "b"])
      }
    }
  }

  @Test func takesPrefixesAndIndices() throws {
    let set = try numbers(6)
    #expect(first(try set.prefix(3).batch()) == [0, 1, 2])
    #expect(set.prefix(99).count == 6)
    #expect(set.prefix(-1).count == 0)
    let subset = try Subset(of: set, indices: [5, 5, 2])
    #expect(first(try subset.batch()) == [5, 5, 2])
    #expect(try subset.classIndex(of: 2) == 2)
    #expect(first(try subset.prefix(2).batch()) == [5, 5])
    #expect(throws: DatasetError.self) { try Subset(of: set, indices: [6]) }
    #expect(throws: DatasetError.self) { try subset.batch([3]) }
  }

  @Test func filtersAndRenumbersClasses() throws {
    let set = try numbers(10)
    let filtered = try set.filtered(classes: [3, 1])
    #expect(filtered.classNames == ["d", "b"])
    let batch = try filtered.batch()
    #expect(first(batch) == [1, 3, 5, 7, 9])
    #expect(batch.targets.elements == [1, 0, 1, 0, 1])
    #expect(try (0..<5).map(filtered.classIndex) == [1, 0, 1, 0, 1])
    #expect(try filtered.filtered(classes: [1]).batch().targets.elements == [0, 0, 0])
    for bad in [[], [1, 1], [4], [-1]] {
      #expect(throws: DatasetError.self) { try set.filtered(classes: bad) }
    }
    let regression = try TensorDataset(inputs: .zeros([2, 1]), targets: .zeros([2]))
    #expect(throws: DatasetError.self) { try regression.filtered(classes: [0]) }
  }

  @Test(arguments: [false, true])
  func splitsWithoutLossOrRepetition(stratified: Bool) throws {
    let set = try numbers(203)
    let parts = try set.split(fraction: 0.25, seed: 5, stratified: stratified)
    #expect((parts.training.indices + parts.validation.indices).sorted() == Array(0..<203))
    #expect(parts.training.indices == parts.training.indices.sorted())
    #expect(abs(parts.validation.count - 51) <= (stratified ? 2 : 0))
    let again = try set.split(fraction: 0.25, seed: 5, stratified: stratified)
    #expect(again.validation.indices == parts.validation.indices)
    let other = try set.split(fraction: 0.25, seed: 6, stratified: stratified)
    #expect(other.validation.indices != parts.validation.indices)
    if stratified {
      for label in 0..<4 {
        let share = parts.validation.indices.count { $0 % 4 == label }
        #expect(share == 13 || share == 12)
      }
    }
  }

  @Test func refusesSplitsThatLeaveNothing() throws {
    let set = try numbers(3)
    for fraction in [0, 1, -0.5, 1.5, 0.01, 0.99, .nan] {
      #expect(throws: DatasetError.self) { try set.split(fraction: fraction, seed: 1) }
    }
    let regression = try TensorDataset(inputs: .zeros([4, 1]), targets: .zeros([4]))
    #expect(throws: DatasetError.self) { try regression.split(fraction: 0.5, seed: 1, stratified: true) }
    #expect(try regression.split(fraction: 0.5, seed: 1).validation.count == 2)
  }

  @Test func worksThroughTheProtocol() throws {
    let set: any Dataset = try numbers(8)
    #expect(set.prefix(2).count == 2)
    #expect(try set.split(fraction: 0.5, seed: 1).training.count == 4)
    #expect(try set.filtered(classes: [0]).count == 2)
    #expect(try set.batch([7]).inputs.elements == [7, -7])
  }
}
