import Tensors

/// Elements in another order than row-major: a view of a storage, an array in Fortran's order, a permuted kernel.
struct StridedElements {
  /// The extents.
  let dimensions: [Int]
  /// How many elements apart neighbours along each axis lie; not negative.
  let strides: [Int]
  /// The index of the first element.
  let offset: Int

  init(dimensions: [Int], strides: [Int], offset: Int = 0) {
    self.dimensions = dimensions
    self.strides = strides
    self.offset = offset
  }

  /// The axes of a row-major array in another order: axis `i` is axis `axes[i]` of the array.
  init(permuting shape: Shape, axes: [Int]) {
    let strides = shape.strides
    self.init(dimensions: axes.map { shape.dimensions[$0] }, strides: axes.map { strides[$0] })
  }

  /// One more than the index of the last element, 0 where there is none; nil where it cannot be counted.
  var end: Int? {
    guard !dimensions.contains(0) else { return 0 }
    var last = offset
    for (extent, stride) in zip(dimensions, strides) {
      let (step, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, overflowToo) = last.addingReportingOverflow(step)
      guard !overflow, !overflowToo, stride >= 0 else { return nil }
      last = sum
    }
    return last == .max ? nil : last + 1
  }

  /// Whether the elements follow one another in row-major order.
  var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(dimensions, strides).reversed() where extent != 1 {
      if stride != expected { return false }
      (expected, _) = expected.multipliedReportingOverflow(by: extent)
    }
    return true
  }

  /// Copies the elements, of `size` bytes each, in row-major order.
  ///
  /// - Precondition: `source` holds ``end`` elements and `target` as many as the extents say.
  func copy(from source: UnsafeRawBufferPointer, size: Int, to target: UnsafeMutableRawBufferPointer) {
    guard !target.isEmpty else { return }
    if isContiguous {
      target.copyMemory(
        from: UnsafeRawBufferPointer(rebasing: source[(offset * size)..<(offset * size + target.count)]))
      return
    }
    switch size {
    case 1: copy(UInt8.self, from: source, to: target)
    case 2: copy(UInt16.self, from: source, to: target)
    case 4: copy(UInt32.self, from: source, to: target)
    default: copy(UInt64.self, from: source, to: target)
    }
  }

  /// Where the source's own neighbours lie along another axis than the target's, both are walked in tiles, so that a cache
  /// line is used whole on either side.
  private func copy<Element: BitwiseCopyable>(
    _ type: Element.Type, from source: UnsafeRawBufferPointer, to target: UnsafeMutableRawBufferPointer
  ) {
    let size = MemoryLayout<Element>.size
    let rank = dimensions.count
    let targetStrides = Shape(dimensions).strides
    let inner = rank - 1
    let near = (0..<inner).last { strides[$0] == 1 && dimensions[$0] > 1 } ?? max(0, inner - 1)
    let outer = (0..<inner).filter { $0 != near }
    let rows = rank > 1 ? dimensions[near] : 1
    let (rowStep, rowTarget) = rank > 1 ? (strides[near], targetStrides[near]) : (0, 0)
    let columns = dimensions[inner]
    let columnStep = strides[inner]
    let tile = 32
    var indices = [Int](repeating: 0, count: rank)
    while true {
      var (from, to) = (offset, 0)
      for axis in outer {
        from += indices[axis] * strides[axis]
        to += indices[axis] * targetStrides[axis]
      }
      for firstRow in stride(from: 0, to: rows, by: tile) {
        for firstColumn in stride(from: 0, to: columns, by: tile) {
          for row in firstRow..<min(rows, firstRow + tile) {
            let (rowFrom, rowTo) = (from + row * rowStep, to + row * rowTarget)
            for column in firstColumn..<min(columns, firstColumn + tile) {
              let element = source.loadUnaligned(
                fromByteOffset: (rowFrom + column * columnStep) * size, as: Element.self)
              target.storeBytes(of: element, toByteOffset: (rowTo + column) * size, as: Element.self)
            }
          }
        }
      }
      var axis = outer.count - 1
      while axis >= 0 {
        indices[outer[axis]] += 1
        if indices[outer[axis]] < dimensions[outer[axis]] { break }
        indices[outer[axis]] = 0
        axis -= 1
      }
      if axis < 0 { return }
    }
  }

  /// Reverses the bytes of every element, which has `size`.
  static func swapBytes(_ bytes: UnsafeMutableRawBufferPointer, size: Int) {
    guard size > 1 else { return }
    for start in stride(from: 0, to: bytes.count - size + 1, by: size) {
      for index in 0..<(size / 2) { bytes.swapAt(start + index, start + size - 1 - index) }
    }
  }
}
