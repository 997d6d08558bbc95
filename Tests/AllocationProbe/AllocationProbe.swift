import Autodiff
import BLAS
import CAllocationCounter
import Datasets
import Models
import NeuralNetworks
import Tensors
import Training

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// A process of its own in which the allocations of all threads are counted: in one shared with other tests, theirs would
/// be counted too.
///
/// It prints lines `name threads count`: for `counted` and `wanted` the allocations that a pool's worker made and was asked
/// for, for the others the most that any step of training after the first made, on all threads.
@main
struct AllocationProbe {
  static func main() throws {
    guard ridgeline_counts_allocations() == 1 else {
      print("uncounted 0 0")
      return
    }
    let (counted, wanted) = countWorkers()
    print("counted 2 \(counted)")
    print("wanted 2 \(wanted)")
    for threads in [1, 2, 4] {
      print("lenet5 \(threads) \(try mostOfAStep(lenet5, threads))")
      print("original \(threads) \(try mostOfAStep(original, threads))")
      print("mixed \(threads) \(try mostOfAStep(mixed, threads))")
    }
  }

  /// What a pool's worker allocates, and what the counter says of it.
  static func countWorkers() -> (counted: Int, wanted: Int) {
    struct Context {
      let caller: pthread_t
      let made: UnsafeMutablePointer<Int>
      /// Where each piece of memory is seen, so that no compiler leaves its allocation out.
      let last: UnsafeMutablePointer<UnsafeMutableRawPointer?>
    }
    let pool = ThreadPool(threads: 2)
    let made = UnsafeMutablePointer<Int>.allocate(capacity: 1)
    made.initialize(to: 0)
    let last = UnsafeMutablePointer<UnsafeMutableRawPointer?>.allocate(capacity: 1)
    last.initialize(to: nil)
    defer {
      made.deallocate()
      last.deallocate()
    }
    let context = Context(caller: pthread_self(), made: made, last: last)
    // The first region may make what later ones find.
    pool.run(2, with: context) { _, _ in }
    let before = ridgeline_process_allocation_count()
    // The caller claims some of the tasks; the worker allocates in those that it gets.
    for _ in 0..<1_000 where made.pointee < 100 {
      pool.run(8, with: context) { context, _ in
        if pthread_equal(pthread_self(), context.caller) != 0 {
          usleep(100)
        } else {
          for _ in 0..<100 {
            context.last.pointee = malloc(1_000)
            free(context.last.pointee)
          }
          context.made.pointee += 100
        }
      }
    }
    return (ridgeline_process_allocation_count() - before, made.pointee)
  }

  /// The most allocations of any step after the first, over all threads of the process.
  static func mostOfAStep(_ make: (ThreadPool) throws -> (Trainer, any Dataset), _ threads: Int) throws -> Int {
    let (trainer, data) = try make(ThreadPool(threads: threads))
    var counts: [Int] = []
    counts.reserveCapacity(64)
    // The last step of a pass also ends the thread that has prepared its batches.
    try trainer.fit(
      data, epochs: 1, batch: 8, progress: { _ in counts.append(ridgeline_process_allocation_count()) })
    let steps = zip(counts.dropFirst(), counts).map { $0 - $1 }
    return steps.dropLast(2).max() ?? -1
  }

  private static func images(_ count: Int, _ shape: Shape, scaling: PixelScaling = .unit) throws -> any Dataset {
    let batch = try ResizedImages(Shapeset(seed: 1, count: count, scaling: scaling), height: shape[0], width: shape[1])
      .batch()
    return try TensorDataset(inputs: batch.inputs, targets: batch.targets)
  }

  static func lenet5(_ pool: ThreadPool) throws -> (Trainer, any Dataset) {
    (try LeNet5.modern.makeTrainer(steps: 100, seed: 1, pool: pool), try images(200, LeNet5.modern.inputShape))
  }

  /// LeNet-5 of 1998, but for its second derivatives, which are made by another graph between steps.
  static func original(_ pool: ThreadPool) throws -> (Trainer, any Dataset) {
    let model = LeNet5.original
    let trainer = try Trainer(
      model.network, input: model.inputShape, loss: model.recipe.loss, optimizer: SGD(learningRate: 1e-5), seed: 1,
      pool: pool)
    return (trainer, try images(200, model.inputShape))
  }

  /// What the two do not have: branches, normalisation, dropout, maxima, penalties, clipping.
  static func mixed(_ pool: ThreadPool) throws -> (Trainer, any Dataset) {
    let network = Sequential {
      Conv2D(8, kernel: 3, padding: .same, biasInitializer: nil)
      BatchNormalization()
      Activation(.relu)
      MaxPooling2D(3, stride: 2)
      Branches(merging: .concatenation(axis: 3)) {
        Conv2D(4, kernel: 1, activation: .relu)
        Conv2D(4, kernel: 3, padding: .same, activation: .elu(alpha: 1))
      }
      Flatten()
      Dropout(0.3)
      Dense(32, activation: .softsign)
      Dense(9)
    }
    let trainer = try Trainer(
      network, input: [28, 28, 1], optimizer: Adam(learningRate: 1e-3), schedule: .cosine(steps: 100, minimum: 0),
      clipping: .norm(1), seed: 1, pool: pool)
    return (trainer, try images(200, [28, 28, 1]))
  }
}
