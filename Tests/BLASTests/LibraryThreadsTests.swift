import Testing

@testable import BLAS

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

@Suite struct LibraryThreadsTests {
  /// A library with POSIX threads says whether they are there in a variable of its own; products go on without them.
  @Test func theLibrarysThreadsAreEnded() throws {
    guard BLASInformation.current.parallelMode == .pthreads else { return }
    let variable = try #require(dlsym(dlopen(nil, RTLD_LAZY), "blas_server_avail"))
    #expect(variable.load(as: CInt.self) == 0)
    let side = 300
    let a = Matrix<Double>(rows: side, columns: side, elements: (0..<side * side).map { Double($0 % 7) })
    let product = matrixMultiply(a, a, transposeB: true, pool: ThreadPool(threads: 1))
    for i in [0, 17, side - 1] {
      #expect(product[i, 5] == (0..<side).reduce(0) { $0 + a[i, $1] * a[5, $1] })
    }
    #expect(variable.load(as: CInt.self) == 0)
  }
}
