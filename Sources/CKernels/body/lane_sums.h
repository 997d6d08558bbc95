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

/// Vectors whose lanes are added together, from number `first` of `count` on: as many as make a tree, empty ones at its end.
static inline __attribute__((always_inline)) int NAME(tree_size)(const int count, const int first) {
  int size = 1;
#pragma clang loop unroll(full)
  for (int wide = 1; wide < NAME(width); wide *= 2) size = count - first > wide ? 2 * wide : size;
  return size;
}

/// Where `sums_over_lanes` leaves the sum of vector k.
static inline __attribute__((always_inline)) int NAME(place_of_sum)(const int count, const int k) {
  const int first = k / NAME(width) * NAME(width);
  return first + k % NAME(width) * (NAME(width) / NAME(tree_size)(count, first));
}

/// The sum of each vector's lanes, halves added first: a tree of up to `width` vectors at a time, which leaves sums at
/// `place_of_sum`. `to` has room for whole vectors.
static inline __attribute__((always_inline)) void NAME(sums_over_lanes)(const int count, const NAME(vector) *sum,
                                                                        TYPE *to) {
#pragma clang loop unroll(full)
  for (int first = 0; first < count; first += NAME(width)) {
    NAME(vector) part[NAME(width)];
    int size = NAME(tree_size)(count, first);
#pragma clang loop unroll(full)
    for (int k = 0; k < size; k++) part[k] = first + k < count ? sum[first + k] : (NAME(vector))(0);
#pragma clang loop unroll(full)
    for (int group = NAME(width); group > 1; group /= 2) {
      const int half = size > 1 ? size / 2 : 0;
#pragma clang loop unroll(full)
      for (int k = 0; k < (half > 0 ? half : 1); k++) part[k] = NAME(add_halves)(group, part[k], part[k + half]);
      size = half > 0 ? half : 1;
    }
    NAME(store)(to + first, part[0]);
  }
}
