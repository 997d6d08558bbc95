// What every body may use. Included before the target attribute is pushed, so that the system's inline functions keep
// the instruction set of the build.
#ifndef RIDGELINE_SUPPORT_H
#define RIDGELINE_SUPPORT_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "CKernels.h"

#define RIDGELINE_JOIN_(a, b, c) ridgeline_##a##_##b##_##c
#define RIDGELINE_JOIN(a, b, c) RIDGELINE_JOIN_(a, b, c)

/// The name of a kernel of the type and level being compiled.
#define NAME(kernel) RIDGELINE_JOIN(kernel, TYPE, RIDGELINE_LEVEL)

/// Promises that the iterations of the next loop are independent: in-place calls (out == a) would fail the
/// compiler's own overlap check and run one element at a time.
#define INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

/// Elements added side by side in a sum, whatever the vector width: sums have the same bits at every level.
enum { lanes = 32 };

/// Elements summed in the element type before the partial sum moves to a double.
enum { sum_block = 1024 };

/// The cases of a switch over the rows of a block and some `n`, such as its vectors: each a CASE(rows, n) of where it stands.
#define CASES_1_TO_6(n) CASE(1, n) CASE(2, n) CASE(3, n) CASE(4, n) CASE(5, n) CASE(6, n)
#define CASES_7_TO_12(n) CASE(7, n) CASE(8, n) CASE(9, n) CASE(10, n) CASE(11, n) CASE(12, n)

/// The sizes of blocks in products that stream one matrix.
enum {
  /// The most rows of B that are multiplied before the sums go back to memory, while the next ones are fetched; and up to how many
  /// rows B is small, and C the large matrix.
  streamed_depth = 50,
  streamed_few = 32,
  /// Bytes of B that stay in the first-level cache while rows of A pass over them.
  streamed_bytes = 16384,
  /// How many rows ahead those of B are fetched into the second-level cache where sums run along rows.
  dotted_ahead = 4,
};

/// How a sum over the rows of a matrix in panels is made of shorter ones: over so many rows in a register, or up to
/// `panel_longest_sum` where there are no more, and over so many in the first-level cache, of which their part of a panel
/// takes at most 32 KB.
enum {
  panel_sum = 32,
  panel_longest_sum = 48,
  panel_depth = 128,
};

/// The interpolation points of Winograd's filtering: 0, +-P, +-Q and infinity, with P and Q chosen for small rounding errors,
/// or for tiles under windows of 5 the seven of `winograd_long_lines.h`.
#define WINOGRAD_POINTS 6
#define WINOGRAD_MOST_POINTS 7
#define WINOGRAD_P ((TYPE)0.75)
#define WINOGRAD_Q ((TYPE)1.5)
#define WINOGRAD_P2 (WINOGRAD_P * WINOGRAD_P)
#define WINOGRAD_Q2 (WINOGRAD_Q * WINOGRAD_Q)

static inline uint32_t ridgeline_bits(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  return bits;
}

static inline float ridgeline_from_bits(uint32_t bits) {
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

static inline ptrdiff_t ridgeline_smaller(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t ridgeline_larger(ptrdiff_t a, ptrdiff_t b) { return a > b ? a : b; }

#include "winograd_tiles.h"

#endif
