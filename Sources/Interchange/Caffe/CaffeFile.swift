public import Foundation
import Tensors

/// Weights that Caffe wrote (`.caffemodel`): the blobs of every layer that has some, as `conv1_1/0` and `conv1_1/1`.
///
/// A file is one protocol buffer message, `NetParameter` of `caffe.proto`, with layers of the present kind (`LayerParameter`) or
/// of the one before (`V1LayerParameter`). Only names, types, shapes and the places of the elements are read when it is opened;
/// a message that is decoded whole would take a second half gigabyte for VGG-16.
public struct CaffeFile: TensorSource {
  /// Where the file stands.
  public let url: URL
  /// The blobs, in the order of the layers.
  public let entries: [TensorEntry]
  /// The network's own name, as `name`, where it has one.
  public let metadata: [String: String]

  /// The bytes of the file at which each blob's elements stand, in order.
  private let places: [String: [Range<Int>]]

  /// Opens a file and lists its blobs.
  ///
  /// - Throws: ``InterchangeError``, among others for layers from before 2013, which have no names.
  public init(_ url: URL) throws(InterchangeError) {
    let file = try FileStream(url)
    let stream = BufferedStream(file)
    var network = CaffeNetwork()
    try network.read(ProtocolBuffer(stream, stream.position..<stream.size))
    var entries: [TensorEntry] = []
    var places: [String: [Range<Int>]] = [:]
    for layer in network.layers {
      for (index, blob) in layer.blobs.enumerated() {
        let name = "\(layer.name)/\(index)"
        let type: ElementType = blob.doubles.isEmpty ? .float32 : .float64
        let ranges = blob.doubles.isEmpty ? blob.floats : blob.doubles
        let dimensions = blob.shape(isWeight: index == 0, isDense: layer.isDense)
        guard let shape = UnpackedSize.shape(dimensions, type) else {
          throw InterchangeError(
            file: url.path, key: name, offset: blob.start,
            reason: .malformed(expected: "a shape that can be counted", found: "\(dimensions)"))
        }
        let found = ranges.reduce(0) { $0 + $1.count }
        guard found == shape.count * type.byteCount else {
          throw InterchangeError(
            file: url.path, key: name, offset: blob.start,
            reason: .truncated(expected: shape.count * type.byteCount, found: found))
        }
        entries.append(TensorEntry(name: name, elementType: type, shape: shape))
        places[name] = ranges
      }
    }
    try UnpackedSize.check(entries, file: url.path, fileSize: file.size)
    guard !entries.isEmpty else {
      throw InterchangeError(file: url.path, reason: .malformed(expected: "a layer with weights", found: "none"))
    }
    (self.url, self.entries, self.places) = (url, entries, places)
    metadata = network.name.map { ["name": $0] } ?? [:]
  }

  /// The path of the file.
  public var path: String { url.path }

  /// Reads a blob.
  public func read(_ entry: TensorEntry, into target: UnsafeMutableRawBufferPointer) throws(InterchangeError) {
    guard let ranges = places[entry.name], ranges.reduce(0, { $0 + $1.count }) == target.count else {
      throw InterchangeError(file: path, key: entry.name, reason: .missingTensor(known: entries.map(\.name)))
    }
    let stream = try FileStream(url)
    var done = 0
    for range in ranges {
      stream.seek(to: range.lowerBound)
      try stream.read(into: UnsafeMutableRawBufferPointer(rebasing: target[done..<done + range.count]))
      done += range.count
    }
  }
}

/// What of `NetParameter` is needed.
///
/// Source: Caffe's `src/caffe/proto/caffe.proto`, which gives the numbers of the fields.
private struct CaffeNetwork {
  struct Blob {
    let start: Int
    var dimensions: [Int]?
    /// The extents before there were shapes: number, channels, height and width.
    var legacy = [0, 0, 0, 0]
    var floats: [Range<Int>] = []
    var doubles: [Range<Int>] = []

    /// The extents; before there were shapes a dense layer's weights had two leading ones, and biases three. Of a blob that gives none an
    /// extent below 0.
    func shape(isWeight: Bool, isDense: Bool) -> [Int] {
      if let dimensions { return dimensions }
      guard legacy != [0, 0, 0, 0] else { return [-1] }
      let ones = legacy.prefix { $0 == 1 }.count
      if isWeight { return isDense && ones >= 2 ? Array(legacy[2...]) : legacy }
      return ones >= 3 ? [legacy[3]] : legacy
    }
  }

  struct Layer {
    var name = ""
    var isDense = false
    var blobs: [Blob] = []
  }

  var name: String?
  var layers: [Layer] = []

  mutating func read(_ message: ProtocolBuffer) throws(InterchangeError) {
    var message = message
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .bytes(let range)): name = try message.text(range)
      case (2, .bytes(let range)):
        layers.append(try layer(message.inner(range), name: 4, type: 5, blobs: 6, isOld: true))
      case (100, .bytes(let range)):
        layers.append(try layer(message.inner(range), name: 1, type: 2, blobs: 7, isOld: false))
      default: break
      }
    }
  }

  private func layer(
    _ message: ProtocolBuffer, name: Int, type: Int, blobs: Int, isOld: Bool
  ) throws(InterchangeError) -> Layer {
    var message = message
    var layer = Layer()
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (name, .bytes(let range)): layer.name = try message.text(range)
      case (type, .bytes(let range)) where !isOld: layer.isDense = try message.text(range) == "InnerProduct"
      case (type, .integer(let number)) where isOld: layer.isDense = number == 14
      case (blobs, .bytes(let range)): layer.blobs.append(try blob(message.inner(range)))
      case (1, .bytes(let range)) where isOld:
        throw message.error(.unsupported("a layer of Caffe's first format (V0LayerParameter)"), at: range.lowerBound)
      default: break
      }
    }
    return layer
  }

  private func blob(_ message: ProtocolBuffer) throws(InterchangeError) -> Blob {
    var message = message
    var blob = Blob(start: message.position)
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1...4, .integer(let extent)): blob.legacy[field.number - 1] = Int(clamping: extent)
      case (5, .bytes(let range)): blob.floats.append(range)
      case (8, .bytes(let range)): blob.doubles.append(range)
      case (7, .bytes(let range)): blob.dimensions = try dimensions(message.inner(range))
      case (5, _), (8, _): throw message.error(.unsupported("elements that are not packed"), at: message.position)
      default: break
      }
    }
    return blob
  }

  private func dimensions(_ message: ProtocolBuffer) throws(InterchangeError) -> [Int] {
    var message = message
    var dimensions: [Int] = []
    while let field = try message.next() {
      switch (field.number, field.value) {
      case (1, .integer(let extent)): dimensions.append(Int(clamping: extent))
      case (1, .bytes(let range)):
        var packed = message.inner(range)
        while !packed.isAtEnd { dimensions.append(Int(clamping: try packed.integer())) }
      default: break
      }
      guard dimensions.count <= 32 else {
        throw message.malformed("at most 32 axes", "\(dimensions.count)", at: message.position)
      }
    }
    return dimensions
  }
}
