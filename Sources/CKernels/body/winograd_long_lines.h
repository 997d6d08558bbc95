// Winograd's filtering of one line for windows of 5: 7 inputs and 3 outputs, F(3, 5), at the points +-A, +-B, +-C and
// infinity. The six have rounding errors of 1.7 times those of the two outputs that points 0, +-P, +-Q and infinity give, and
// half the products; with 0 among them the errors would be larger. Each transform works in place, as in `winograd_lines.h`.

#define WINOGRAD_A ((TYPE)0.28125)
#define WINOGRAD_B ((TYPE)0.875)
#define WINOGRAD_C ((TYPE)1.875)
#define WINOGRAD_A2 (WINOGRAD_A * WINOGRAD_A)
#define WINOGRAD_B2 (WINOGRAD_B * WINOGRAD_B)
#define WINOGRAD_C2 (WINOGRAD_C * WINOGRAD_C)
/// 1 over the product of the distances from the point x to the other five: the squares of the two pairs beside its own.
#define WINOGRAD_SCALE(x, second, third) (1 / (2 * (x) * ((x) * (x) - (second)) * ((x) * (x) - (third))))

/// Two rows of B'd, at the points x and -x, for the squares of the other pairs.
static inline __attribute__((always_inline)) void NAME(input_pair)(NAME(vector) *to, const int step, TYPE x, TYPE second,
                                                                   TYPE third, const NAME(vector) *d) {
  const NAME(vector) sum = (NAME(vector))(-(second + third)), product = (NAME(vector))(second * third);
  const NAME(vector) even = FMA(product, d[0], FMA(sum, d[2], d[4]));
  const NAME(vector) odd = FMA(product, d[1], FMA(sum, d[3], d[5]));
  to[0] = FMA((NAME(vector))(x), even, odd);
  to[step] = FMA((NAME(vector))(-x), even, odd);
}

/// B'd for 7 values.
static inline __attribute__((always_inline)) void NAME(input_long_line)(NAME(vector) *d, const int step) {
  const NAME(vector) from[] = {d[0], d[step], d[2 * step], d[3 * step], d[4 * step], d[5 * step], d[6 * step]};
  const NAME(vector) sum = (NAME(vector))(-(WINOGRAD_A2 + WINOGRAD_B2 + WINOGRAD_C2));
  const NAME(vector) pairs = (NAME(vector))(WINOGRAD_A2 * WINOGRAD_B2 + WINOGRAD_A2 * WINOGRAD_C2 + WINOGRAD_B2 * WINOGRAD_C2);
  const NAME(vector) product = (NAME(vector))(-(WINOGRAD_A2 * WINOGRAD_B2 * WINOGRAD_C2));
  NAME(input_pair)(d, step, WINOGRAD_A, WINOGRAD_B2, WINOGRAD_C2, from);
  NAME(input_pair)(d + 2 * step, step, WINOGRAD_B, WINOGRAD_A2, WINOGRAD_C2, from);
  NAME(input_pair)(d + 4 * step, step, WINOGRAD_C, WINOGRAD_A2, WINOGRAD_B2, from);
  d[6 * step] = FMA(product, from[0], FMA(pairs, from[2], FMA(sum, from[4], from[6])));
}

/// Two rows of G g.
static inline __attribute__((always_inline)) void NAME(kernel_pair)(NAME(vector) *to, const int step, TYPE x, TYPE second,
                                                                    TYPE third, const NAME(vector) *g) {
  const NAME(vector) square = (NAME(vector))(x * x), scale = (NAME(vector))(WINOGRAD_SCALE(x, second, third));
  const NAME(vector) even = scale * FMA(square, FMA(square, g[4], g[2]), g[0]), odd = scale * x * FMA(square, g[3], g[1]);
  to[0] = odd + even;
  to[step] = odd - even;
}

/// G g for a kernel of 5 values in the first places.
static inline __attribute__((always_inline)) void NAME(kernel_long_line)(NAME(vector) *g, const int step) {
  const NAME(vector) from[] = {g[0], g[step], g[2 * step], g[3 * step], g[4 * step]};
  NAME(kernel_pair)(g, step, WINOGRAD_A, WINOGRAD_B2, WINOGRAD_C2, from);
  NAME(kernel_pair)(g + 2 * step, step, WINOGRAD_B, WINOGRAD_A2, WINOGRAD_C2, from);
  NAME(kernel_pair)(g + 4 * step, step, WINOGRAD_C, WINOGRAD_A2, WINOGRAD_B2, from);
  g[6 * step] = from[4];
}

/// A'm for 7 values: 3 outputs.
static inline __attribute__((always_inline)) void NAME(output_long_line)(NAME(vector) *m, const int step) {
  const NAME(vector) even_a = m[0] + m[step], odd_a = m[0] - m[step];
  const NAME(vector) even_b = m[2 * step] + m[3 * step], odd_b = m[2 * step] - m[3 * step];
  const NAME(vector) even_c = m[4 * step] + m[5 * step], odd_c = m[4 * step] - m[5 * step];
  const NAME(vector) a = (NAME(vector))(WINOGRAD_A), b = (NAME(vector))(WINOGRAD_B), c = (NAME(vector))(WINOGRAD_C);
  m[0] = even_a + (even_b + even_c);
  m[step] = FMA(a, odd_a, FMA(b, odd_b, c * odd_c));
  m[2 * step] = FMA(a * a, even_a, FMA(b * b, even_b, FMA(c * c, even_c, m[6 * step])));
}

/// A y, the transpose.
static inline __attribute__((always_inline)) void NAME(gradient_long_line)(NAME(vector) *y, const int step) {
  const NAME(vector) y0 = y[0], y1 = y[step], y2 = y[2 * step];
  const TYPE point[] = {WINOGRAD_A, WINOGRAD_B, WINOGRAD_C};
#pragma clang loop unroll(full)
  for (int k = 0; k < 3; k++) {
    const NAME(vector) x = (NAME(vector))(point[k]), even = FMA(x * x, y2, y0);
    y[2 * k * step] = FMA(x, y1, even);
    y[(2 * k + 1) * step] = FMA(-x, y1, even);
  }
  y[6 * step] = y2;
}

/// G'u, the transpose: 5 kernel gradients.
static inline __attribute__((always_inline)) void NAME(kernel_gradient_long_line)(NAME(vector) *u, const int step) {
  const TYPE point[] = {WINOGRAD_A, WINOGRAD_B, WINOGRAD_C};
  const TYPE scale[] = {WINOGRAD_SCALE(WINOGRAD_A, WINOGRAD_B2, WINOGRAD_C2),
                        WINOGRAD_SCALE(WINOGRAD_B, WINOGRAD_A2, WINOGRAD_C2),
                        WINOGRAD_SCALE(WINOGRAD_C, WINOGRAD_A2, WINOGRAD_B2)};
  // Each pair's share of the five, the powers of its point times a sum or a difference.
  NAME(vector) total[5] = {(NAME(vector))(0), (NAME(vector))(0), (NAME(vector))(0), (NAME(vector))(0), u[6 * step]};
#pragma clang loop unroll(full)
  for (int k = 0; k < 3; k++) {
    const NAME(vector) square = (NAME(vector))(point[k] * point[k]);
    const NAME(vector) even = scale[k] * (u[2 * k * step] - u[(2 * k + 1) * step]);
    const NAME(vector) odd = scale[k] * point[k] * (u[2 * k * step] + u[(2 * k + 1) * step]);
    total[0] = total[0] + even;
    total[1] = total[1] + odd;
    total[2] = FMA(square, even, total[2]);
    total[3] = FMA(square, odd, total[3]);
    total[4] = FMA(square * square, even, total[4]);
  }
#pragma clang loop unroll(full)
  for (int k = 0; k < 5; k++) u[k * step] = total[k];
}

#undef WINOGRAD_A
#undef WINOGRAD_B
#undef WINOGRAD_C
#undef WINOGRAD_A2
#undef WINOGRAD_B2
#undef WINOGRAD_C2
#undef WINOGRAD_SCALE
