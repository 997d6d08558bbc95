// Filtering along the height by Winograd's F(5, 5): 5 output rows of a window of 5 rows by 9 products of rows instead of 25. The
// points are +-p for four p, and infinity; of those that are short in binary these have the smallest rounding errors, some four
// times those of F(2, 5), and within 4e-6 of a result's largest element in Float. Even and odd powers are summed apart, since
// +-p share them.

#define TALL_ROWS 5
#define TALL_POINTS 9
#define TALL_P ((TYPE)0.375)
#define TALL_Q ((TYPE)0.625)
#define TALL_R ((TYPE)1.25)
#define TALL_S ((TYPE)2)

/// p, p^2, and of the product of x^2 - q^2 over the three other q the coefficients of 1, x^2 and x^4, and its value at p times 2p.
typedef struct NAME(tall_point) {
  TYPE p, square, c0, c2, c4, scale;
} NAME(tall_point);

static inline __attribute__((always_inline)) NAME(tall_point) NAME(tall_point_of)(TYPE p, TYPE a, TYPE b, TYPE c) {
  const TYPE p2 = p * p, a2 = a * a, b2 = b * b, c2 = c * c;
  return (NAME(tall_point)){p, p2, -a2 * b2 * c2, a2 * b2 + a2 * c2 + b2 * c2, -(a2 + b2 + c2),
                            1 / (2 * p * (p2 - a2) * (p2 - b2) * (p2 - c2))};
}

/// The four points, known to the compiler.
#define TALL_ALL                                                                                                      \
  {NAME(tall_point_of)(TALL_P, TALL_Q, TALL_R, TALL_S), NAME(tall_point_of)(TALL_Q, TALL_P, TALL_R, TALL_S),          \
   NAME(tall_point_of)(TALL_R, TALL_P, TALL_Q, TALL_S), NAME(tall_point_of)(TALL_S, TALL_P, TALL_Q, TALL_R)}

/// The coefficients of 1, x^2, x^4 and x^6 in the product of x^2 - p^2 over all p.
#define TALL_LAST                                                                                                     \
  const TYPE p2 = TALL_P * TALL_P, q2 = TALL_Q * TALL_Q, r2 = TALL_R * TALL_R, s2 = TALL_S * TALL_S;                  \
  const TYPE last0 = p2 * q2 * r2 * s2, last2 = -(p2 * q2 * r2 + p2 * q2 * s2 + p2 * r2 * s2 + q2 * r2 * s2),         \
             last4 = p2 * q2 + p2 * r2 + p2 * s2 + q2 * r2 + q2 * s2 + r2 * s2, last6 = -(p2 + q2 + r2 + s2)

/// B'd: 9 input rows at the 9 points, `plane` apart.
static void NAME(tall_input_rows)(ptrdiff_t count, const TYPE *const *row, TYPE *restrict to, ptrdiff_t plane) {
  const TYPE *d0 = row[0], *d1 = row[1], *d2 = row[2], *d3 = row[3], *d4 = row[4], *d5 = row[5], *d6 = row[6],
             *d7 = row[7], *d8 = row[8];
  const NAME(tall_point) point[4] = TALL_ALL;
  TALL_LAST;
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      const NAME(tall_point) t = point[i];
      TYPE even = t.p * FMA(t.c0, d0[k], FMA(t.c2, d2[k], FMA(t.c4, d4[k], d6[k])));
      TYPE odd = FMA(t.c0, d1[k], FMA(t.c2, d3[k], FMA(t.c4, d5[k], d7[k])));
      to[2 * i * plane + k] = odd + even;
      to[(2 * i + 1) * plane + k] = odd - even;
    }
    to[8 * plane + k] = FMA(last0, d0[k], FMA(last2, d2[k], FMA(last4, d4[k], FMA(last6, d6[k], d8[k]))));
  }
}

/// G g: the 5 kernel rows, `pitch` apart, at the 9 points, `plane` apart.
static void NAME(tall_kernel_rows)(ptrdiff_t count, const TYPE *g, ptrdiff_t pitch, TYPE *restrict to, ptrdiff_t plane) {
  const NAME(tall_point) point[4] = TALL_ALL;
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    TYPE g0 = g[k], g1 = g[pitch + k], g2 = g[2 * pitch + k], g3 = g[3 * pitch + k], g4 = g[4 * pitch + k];
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      const NAME(tall_point) t = point[i];
      TYPE even = FMA(t.square, FMA(t.square, g4, g2), g0), odd = t.p * FMA(t.square, g3, g1);
      to[2 * i * plane + k] = t.scale * (even + odd);
      to[(2 * i + 1) * plane + k] = t.scale * (odd - even);
    }
    to[8 * plane + k] = g4;
  }
}

/// Adds what +-p contribute to the powers 0 to 4 of a sum: p^j times `even` or `odd`, as j is.
static inline __attribute__((always_inline)) void NAME(add_tall_powers)(NAME(tall_point) t, TYPE even, TYPE odd, TYPE *sum) {
  odd *= t.p;
  sum[0] += even;
  sum[1] += odd;
  sum[2] = FMA(t.square, even, sum[2]);
  sum[3] = FMA(t.square, odd, sum[3]);
  sum[4] = FMA(t.square * t.square, even, sum[4]);
}

/// A'm: the products at the 9 points, `plane` apart, as 5 output rows.
static void NAME(tall_output_rows)(ptrdiff_t count, const TYPE *m, ptrdiff_t plane, TYPE *const *row) {
  TYPE *y0 = row[0], *y1 = row[1], *y2 = row[2], *y3 = row[3], *y4 = row[4];
  const NAME(tall_point) point[4] = TALL_ALL;
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    TYPE sum[5] = {0, 0, 0, 0, m[8 * plane + k]};
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      const TYPE plus = m[2 * i * plane + k], minus = m[(2 * i + 1) * plane + k];
      NAME(add_tall_powers)(point[i], plus + minus, plus - minus, sum);
    }
    y0[k] = sum[0];
    y1[k] = sum[1];
    y2[k] = sum[2];
    y3[k] = sum[3];
    y4[k] = sum[4];
  }
}

/// A y, the transpose, at a point and, `plane` behind it, its negative: `count` elements of each of `columns` pixels of 5 rows of
/// output gradients, `pixel` apart. The last point, infinity, has no negative.
static void NAME(tall_gradient_rows)(ptrdiff_t point, ptrdiff_t columns, ptrdiff_t count, ptrdiff_t pixel,
                                     const TYPE *const *row, TYPE *to, ptrdiff_t plane) {
  const TYPE places[4] = {TALL_P, TALL_Q, TALL_R, TALL_S};
  const TYPE p = point == TALL_POINTS - 1 ? 0 : places[point / 2], square = p * p;
  for (ptrdiff_t column = 0; column < columns; column++, to += count) {
    const ptrdiff_t at = column * pixel;
    const TYPE *y0 = row[0] + at, *y1 = row[1] + at, *y2 = row[2] + at, *y3 = row[3] + at, *y4 = row[4] + at;
    if (point == TALL_POINTS - 1) {
      memcpy(to, y4, (size_t)count * sizeof(TYPE));
      continue;
    }
    INDEPENDENT
    for (ptrdiff_t k = 0; k < count; k++) {
      const TYPE even = FMA(square, FMA(square, y4[k], y2[k]), y0[k]), odd = p * FMA(square, y3[k], y1[k]);
      to[k] = even + odd;
      to[plane + k] = even - odd;
    }
  }
}

/// Adds G'u, the transpose: the gradients at the 9 points, `plane` apart, as 5 kernel rows, `pitch` apart.
static void NAME(add_tall_kernel_rows)(ptrdiff_t count, const TYPE *u, ptrdiff_t plane, TYPE *restrict g, ptrdiff_t pitch) {
  const NAME(tall_point) point[4] = TALL_ALL;
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    TYPE sum[5] = {0, 0, 0, 0, u[8 * plane + k]};
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      const TYPE plus = u[2 * i * plane + k], minus = u[(2 * i + 1) * plane + k];
      NAME(add_tall_powers)(point[i], point[i].scale * (plus - minus), point[i].scale * (plus + minus), sum);
    }
#pragma clang loop unroll(full)
    for (int j = 0; j < 5; j++) g[j * pitch + k] += sum[j];
  }
}

/// B m, the transpose of `tall_input_rows`: the products at the 9 points, `plane` apart, as 9 rows, the first 4 of which are
/// added to `before`, what the rows above have left there.
static void NAME(tall_input_gradient_rows)(ptrdiff_t count, const TYPE *m, ptrdiff_t plane, const TYPE *const *before,
                                           TYPE *const *row) {
  const TYPE *b0 = before[0], *b1 = before[1], *b2 = before[2], *b3 = before[3];
  TYPE *d0 = row[0], *d1 = row[1], *d2 = row[2], *d3 = row[3], *d4 = row[4], *d5 = row[5], *d6 = row[6], *d7 = row[7],
       *d8 = row[8];
  const NAME(tall_point) point[4] = TALL_ALL;
  TALL_LAST;
  INDEPENDENT
  for (ptrdiff_t k = 0; k < count; k++) {
    const TYPE last = m[8 * plane + k];
    TYPE even[4] = {last0 * last, last2 * last, last4 * last, last6 * last}, odd[4] = {0, 0, 0, 0};
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      const NAME(tall_point) t = point[i];
      TYPE e = t.p * (m[2 * i * plane + k] - m[(2 * i + 1) * plane + k]);
      TYPE o = m[2 * i * plane + k] + m[(2 * i + 1) * plane + k];
      even[0] = FMA(t.c0, e, even[0]);
      even[1] = FMA(t.c2, e, even[1]);
      even[2] = FMA(t.c4, e, even[2]);
      even[3] += e;
      odd[0] = FMA(t.c0, o, odd[0]);
      odd[1] = FMA(t.c2, o, odd[1]);
      odd[2] = FMA(t.c4, o, odd[2]);
      odd[3] += o;
    }
    d0[k] = b0[k] + even[0];
    d1[k] = b1[k] + odd[0];
    d2[k] = b2[k] + even[1];
    d3[k] = b3[k] + odd[1];
    d4[k] = even[2];
    d5[k] = odd[2];
    d6[k] = even[3];
    d7[k] = odd[3];
    d8[k] = last;
  }
}
