import COpenBLAS

#if canImport(Darwin)
  import Darwin
#elseif canImport(Musl)
  import Musl
#else
  import Glibc
#endif

/// The one owner of the choice of OpenBLAS's kernels.
///
/// A library that holds kernels for many processor families picks one when it is loaded, by the processor's model number.
/// A model that is younger than the library gets the oldest family, `Prescott`: SSE3, a fifth of the speed. What counts
/// for the kernels is the instruction set, which the processor states itself, so such a choice is made again by that.
enum LibraryKernels {
  /// The families that OpenBLAS falls back to or that know no AVX2.
  private static let familiesWithoutAVX2: Set<String> = [
    "Katmai", "Coppermine", "Northwood", "Prescott", "Banias", "Atom", "Core2", "Penryn", "Dunnington", "Nehalem",
    "Sandybridge", "Athlon", "Opteron", "Opteron_SSE3", "Barcelona", "Nano", "Bobcat", "Bulldozer", "Piledriver",
    "Steamroller",
  ]

  /// The families whose kernels for small products ask for heap memory.
  private static let allocatingFamilies: Set<String> = ["SkylakeX", "Cooperlake", "Sapphirerapids"]

  private static let allocates = allocatingFamilies.contains(String(cString: openblas_get_corename()))

  /// Whether the library may ask for heap memory during a product of which nothing is transposed: its AVX-512 kernels do
  /// in small ones whose last columns fill at most half a vector of `lanes`.
  @inline(__always)
  static func mayAllocate(rows: Int, columns: Int, depth: Int, lanes: Int) -> Bool {
    let rest = columns % lanes
    return rest > 0 && rest <= lanes / 2 && depth >= lanes && rows * columns * depth <= 1_000_000 && allocates
  }

  /// The families to try in the place of `family`, best first; none where the library's own choice stands.
  ///
  /// - Parameters:
  ///   - family: what `openblas_get_corename` says.
  ///   - level: the instruction set that Ridgeline's own kernels use.
  ///   - wish: the environment variable `OPENBLAS_CORETYPE`, which has the last word.
  static func replacements(for family: String, level: VectorLevel, wish: String?) -> [String] {
    guard wish == nil, familiesWithoutAVX2.contains(family) else { return [] }
    return switch level {
    case .v4: ["SkylakeX", "Haswell"]
    case .v3: ["Haswell"]
    case .baseline: []
    }
  }

  /// Makes the choice again where the library's is older than the processor. To be called before any other thread uses the
  /// library, or reads the environment.
  ///
  /// The library reads its choice from the environment alone, and only while it has none; the two functions that begin and
  /// end it are exported but in no header, and absent from a library that was built for one family.
  static func choose() {
    let variable = "OPENBLAS_CORETYPE"
    let wish = getenv(variable).map { String(cString: $0) }
    guard let program = dlopen(nil, RTLD_LAZY),
      let quit = dlsym(program, "gotoblas_dynamic_quit"), let begin = dlsym(program, "gotoblas_dynamic_init")
    else { return }
    typealias Function = @convention(c) () -> Void
    let family = String(cString: openblas_get_corename())
    for better in replacements(for: family, level: .current, wish: wish)
    where familiesWithoutAVX2.contains(String(cString: openblas_get_corename())) {
      setenv(variable, better, 1)
      unsafeBitCast(quit, to: Function.self)()
      unsafeBitCast(begin, to: Function.self)()
      unsetenv(variable)
    }
  }
}
