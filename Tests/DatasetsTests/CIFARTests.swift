import Datasets
import Foundation
import Testing

@Suite struct CIFARTests {
  private func record(_ label: UInt8, _ level: (Int, Int, Int) -> UInt8 = { _, _, _ in 0 }) -> [UInt8] {
    [label] + (0..<3).flatMap { c in (0..<32).flatMap { y in (0..<32).map { x in level(y, x, c) } } }
  }

  @Test func readsRecords() throws {
    let folder = try TemporaryFolder()
    for number in 1...5 {
      try folder.write(
        record(UInt8(number)) + record(9) { y, x, c in UInt8(truncatingIfNeeded: y * 7 + x * 3 + c * 50 + number) },
        to: "data_batch_\(number).bin")
    }
    try folder.write(record(4), to: "test_batch.bin")
    let cifar = try CIFAR10(directory: folder.url)
    #expect(cifar.train.count == 10 && cifar.test.count == 1 && cifar.test.classIndex(of: 0) == 4)
    #expect((0..<10).map(cifar.train.classIndex(of:)) == [1, 9, 2, 9, 3, 9, 4, 9, 5, 9])
    let image = cifar.train.image(5)
    #expect(image.size == ImageSize(height: 32, width: 32) && image.channels == 3)
    for y in 0..<32 {
      for x in 0..<32 {
        for c in 0..<3 {
          #expect(image.bytes[(y * 32 + x) * 3 + c] == UInt8(truncatingIfNeeded: y * 7 + x * 3 + c * 50 + 3))
        }
      }
    }
  }

  @Test func wrongFilesAreNamed() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: CIFARError.self) { try CIFAR10(directory: folder.url) }
    #expect(missing.map { "\($0)".contains("data_batch_1.bin") } == true)
    for size in [0, 1, 3072, 3074] {
      let file = try folder.write([UInt8](repeating: 0, count: size), to: "batch.bin")
      #expect(throws: CIFARError.size(file: file.path, found: size)) { try CIFARImages([file]) }
    }
    let file = try folder.write(record(1) + record(10), to: "batch.bin")
    #expect(throws: CIFARError.label(file: file.path, record: 1, offset: 3073, found: 10)) { try CIFARImages([file]) }
    let handle = try FileHandle(forWritingTo: file)
    try handle.truncate(atOffset: 3073 << 30)
    try handle.close()
    #expect(throws: CIFARError.size(file: file.path, found: 3073 << 30)) { try CIFARImages([file]) }
  }
}
