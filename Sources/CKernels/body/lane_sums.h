// The sums of the lanes of several vectors at once.

/// Each group of so many lanes of `a` and of `b` in turn, its upper half added to its lower one.
static inline __attribute__((always_inline)) NAME(vector) NAME(add_halves)(const int group, NAME(vector) a,
                                                                           NAME(vector) b) {
  NAME(vector) low, high;
#pragma clang loop unroll(full)
  for (int lane = 0; lane < NAME(width); lane++) {
    const int half = group / 2, number = lane / half, from = number / 2 * group + lane % half;
    low[lane] = number % 2 ? b[from] : a[from];
    high[lane] = number % 2 ? b[from + half] : a[from + half];
  }
  return low + high;
}

/// The sum of each vector's lanes, halves added first: a tree of `width` vectors at a time. `to` has room for whole vectors.
static inline __attribute__((always_inline)) void NAME(sums_over_lanes)(const int count, const NAME(vector) *sum,
                                                                        TYPE *to) {
#pragma clang loop unroll(full)
  for (int first = 0; first < count; first += NAME(width)) {
    NAME(vector) part[NAME(width)];
#pragma clang loop unroll(full)
    for (int k = 0; k < NAME(width); k++) part[k] = first + k < count ? sum[first + k] : (NAME(vector))(0);
#pragma clang loop unroll(full)
    for (int group = NAME(width); group > 1; group /= 2) {
#pragma clang loop unroll(full)
      for (int k = 0; k < group / 2; k++) part[k] = NAME(add_halves)(group, part[k], part[k + group / 2]);
    }
    NAME(store)(to + first, part[0]);
  }
}
