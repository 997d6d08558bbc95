import Datasets
import Foundation
import Tensors
import Testing

@Suite struct IDXFileTests {
  private let folder = try! TemporaryFolder()

  private func read(_ bytes: [UInt8]) throws -> IDXFile {
    try IDXFile(contentsOf: folder.write(bytes, to: UUID().uuidString))
  }

  @Test func readsEveryElementType() throws {
    func check<T: FixedWidthInteger & SendableMetatype>(_ type: IDXFile.ElementType, _ bits: [T], _ expected: [Double])
      throws
    {
      let bytes =
        IDXBytes.header(type: type.rawValue, dimensions: [bits.count]) + bits.flatMap { IDXBytes.bigEndian($0) }
      let file = try read(bytes)
      #expect(file.elementType == type)
      #expect(file.dimensions == [bits.count])
      #expect(file.doubles() == expected)
      #expect(file.floats() == expected.map { Float($0) })
    }
    try check(.uint8, [UInt8](arrayLiteral: 0, 1, 128, 255), [0, 1, 128, 255])
    try check(.int8, [Int8](arrayLiteral: 0, 1, -128, -1), [0, 1, -128, -1])
    try check(.int16, [Int16](arrayLiteral: 258, -2, .min, .max), [258, -2, -32768, 32767])
    try check(
      .int32, [Int32](arrayLiteral: 16_909_060, -2, .min, .max), [16_909_060, -2, -2_147_483_648, 2_147_483_647])
    try check(.float32, [Float(1.5), -0.1].map(\.bitPattern), [1.5, Double(Float(-0.1))])
    try check(.float64, [1.5, -0.1, 1e300].map(\.bitPattern), [1.5, -0.1, 1e300])
  }

  @Test func keepsDimensionsAndOrder() throws {
    let file = try read(IDXBytes.bytes([2, 3, 2], Array(0..<12)))
    #expect(file.dimensions == [2, 3, 2])
    #expect(file.valuesOffset == 16)
    #expect(file.bytes == Array(0..<12))
    let tensor = file.tensor()
    #expect(tensor.shape == [2, 3, 2])
    #expect(tensor[1, 0, 1] == 7)
  }

  @Test func acceptsNoExamples() throws {
    let file = try read(IDXBytes.bytes([0, 28, 28], []))
    #expect(file.dimensions == [0, 28, 28])
    #expect(file.bytes.isEmpty)
  }

  @Test func readsGzipWhateverTheName() throws {
    let values = (0..<1000).map { UInt8($0 % 17 * ($0 / 100)) }
    let plain = IDXBytes.bytes([40, 25], values)
    #expect(try read(GzipBytes.stored(plain)).bytes == values)
    let half = plain.count / 2
    let members = GzipBytes.stored(Array(plain[..<half])) + GzipBytes.stored(Array(plain[half...]))
    #expect(try read(members).bytes == values, "two members read as one file")
    // Made by Python's gzip module, with a file name in its header.
    let made = try #require(
      Data(
        base64Encoded: """
          H4sICAAAAAAC/3ZhbHVlcy5pZHgAY2DgYGJgYNAAYkkGOgB+AQZGJmYWVjZ2Dk4ubh5ePhoISMnIKTAwsbBxcPHwCQiJiEnQQEBRRV1L14CB\
          mY2Th19IVEJajgYCKho6BiYWNg4MLBw8AiISMgo0EFDW0DUyt3F08w5gYOXiF5GUo4GAnIqWgZmNk4dfSFQCAxuPkAQNBERllLUMLezdfEOi\
          kzILGNj5aCDAISChoGFg4eAREJGQUVDRQAuBCQycQtIqumb2HoFRyTmlde00EAAAG/Sf5fQDAAA=
          """))
    let file = try read(Array(made))
    #expect(file.dimensions == [40, 25])
    #expect(file.bytes == values)
  }

  @Test func readsThroughASymbolicLink() throws {
    let target = try folder.write(IDXBytes.bytes([2], [5, 6]), to: "target")
    let link = folder.url.appendingPathComponent("link")
    try FileManager.default.createSymbolicLink(at: link, withDestinationURL: target)
    #expect(try IDXFile(contentsOf: link).bytes == [5, 6])
  }
}
