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
      #expect(LibraryKernels.replacements(for: family, level: .v4, wish: nil) == ["SkylakeX", "Haswell"])
      #expect(LibraryKernels.replacements(for: family, level: .v3, wish: nil) == ["Haswell"])
      #expect(LibraryKernels.replacements(for: family, level: .baseline, wish: nil) == [])
      // The user's own choice stands, be it as slow as it may.
      #expect(LibraryKernels.replacements(for: family, level: .v4, wish: "Prescott") == [])
    }
    for family in ["Haswell", "Zen", "SkylakeX", "Cooperlake", "Sapphirerapids", "armv8"] {
      #expect(LibraryKernels.replacements(for: family, level: .v4, wish: nil) == [])
    }
  }

  @Test func theLibraryUsesWhatTheProcessorHas() {
    let core = BLASInformation.current.core
    // Only a library that exports its choice can be helped.
    guard dlsym(dlopen(nil, RTLD_LAZY), "gotoblas_dynamic_init") != nil else { return }
    let wish = forced
    #expect(LibraryKernels.replacements(for: core, level: .current, wish: wish) == [], "\(core)")
    // The variable is the library's alone, and is taken away again.
    #expect(forced == wish)
  }

  private var forced: String? { getenv("OPENBLAS_CORETYPE").map { String(cString: $0) } }
}
