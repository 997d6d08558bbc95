import BLAS

/// How a convolution is cut for lowering to matrix products: blocks of output rows of an image, whose patches fit a
/// buffer that stays in the cache.
///
/// Blocks are made small enough for OpenBLAS's path for small products (m · n · k <= 10^6), which is the fastest for the
/// narrow layers of early networks, unless that would leave only a sliver of an image.
struct ConvolutionBlocks: Hashable, Sendable {
  /// One block: `rows` output rows of an image, from `firstRow` on.
  struct Block {
    let image: Int, firstRow: Int, rows: Int
  }

  /// Output rows of a block; the last one of an image may have fewer.
  let rowsPerBlock: Int
  /// Blocks of an image.
  let blocksPerImage: Int
  /// Elements of the largest block's patches, for one group.
  let columnsCount: Int
  private let outputHeight: Int

  init(_ geometry: ConvolutionGeometry) {
    outputHeight = geometry.window.output.height
    let perPosition = max(1, geometry.patchCount)
    let perRow = max(1, geometry.window.output.width * perPosition)
    let smallRows = 1_000_000 / max(1, perRow * geometry.groupOutputChannels)
    let cachedRows = max(1, 262_144 / perRow)
    let isSmallPathWorthwhile = min(smallRows, outputHeight) * geometry.window.output.width >= 48
    let rows = isSmallPathWorthwhile ? min(smallRows, cachedRows) : cachedRows
    rowsPerBlock = max(1, min(rows, outputHeight))
    blocksPerImage = (outputHeight + rowsPerBlock - 1) / rowsPerBlock
    columnsCount = rowsPerBlock * geometry.window.output.width * geometry.patchCount
  }

  /// The block of that number, counted through all images.
  func block(_ index: Int) -> Block {
    let firstRow = index % blocksPerImage * rowsPerBlock
    return Block(image: index / blocksPerImage, firstRow: firstRow, rows: min(rowsPerBlock, outputHeight - firstRow))
  }
}

extension ConvolutionGeometry {
  /// A cut of `count` blocks or images. Each task has scratch memory of its own, so there are at most `limit`, and each
  /// has at least some microseconds of work.
  func partition(_ count: Int, limit: Int = 16) -> WorkPartition {
    WorkPartition(count: count, limit: max(1, min(limit, multiplyAdds / 100_000)))
  }
}
