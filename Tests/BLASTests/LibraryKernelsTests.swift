import Testing

@testable import BLAS

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

@Suite struct LibraryKernelsTests {
  @Test func aFamilyOlderThanTheProcessorIsReplaced() {
    for family in ["Prescott", "Nehalem", "Sandybridge", "Barcelona", "Piledriver"] {
      #expect(LibraryKernels.replacement(for: family, level: .v4, wish: nil) == "SkylakeX")
      #expect(LibraryKernels.replacement(for: family, level: .v3, wish: nil) == "Haswell")
      #expect(LibraryKernels.replacement(for: family, level: .baseline, wish: nil) == nil)
      // The user's own choice stands, be it as slow as it may.
      #expect(LibraryKernels.replacement(for: family, level: .v4, wish: "Prescott") == nil)
    }
    for family in ["Haswell", "Zen", "SkylakeX", "Cooperlake", "Sapphirerapids", "armv8"] {
      #expect(LibraryKernels.replacement(for: family, level: .v4, wish: nil) == nil)
    }
  }

  @Test func theLibraryUsesWhatTheProcessorHas() {
    let core = BLASInformation.current.core
    let wish = forced
    #expect(LibraryKernels.replacement(for: core, level: .current, wish: wish) == nil, "\(core)")
    // The variable is the library's alone, and is taken away again.
    #expect(forced == wish)
  }

  private var forced: String? { getenv("OPENBLAS_CORETYPE").map { String(cString: $0) } }
}
