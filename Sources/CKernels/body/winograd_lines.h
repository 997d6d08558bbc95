// Winograd's filtering of one line for windows of 3: 6 inputs and 4 outputs, F(4, 3), at the points 0, +-P, +-Q and infinity.
// Each transform works in place on vectors that stand `step` apart, and is written once, for values known to the compiler.

/// B'd for 6 values, `step` vectors apart.
static inline __attribute__((always_inline)) void NAME(input_line)(NAME(vector) *d, const int step) {
  const NAME(vector) d0 = d[0], d1 = d[step], d2 = d[2 * step], d3 = d[3 * step], d4 = d[4 * step], d5 = d[5 * step];
  const NAME(vector) p2 = (NAME(vector))(WINOGRAD_P2), q2 = (NAME(vector))(WINOGRAD_Q2);
  const NAME(vector) sum = (NAME(vector))(WINOGRAD_P2 + WINOGRAD_Q2), product = (NAME(vector))(WINOGRAD_P2 * WINOGRAD_Q2);
  NAME(vector) even_p = FMA(-q2, d2, d4), odd_p = WINOGRAD_P * FMA(-q2, d1, d3);
  NAME(vector) even_q = FMA(-p2, d2, d4), odd_q = WINOGRAD_Q * FMA(-p2, d1, d3);
  d[0] = FMA(product, d0, FMA(-sum, d2, d4));
  d[step] = even_p + odd_p;
  d[2 * step] = even_p - odd_p;
  d[3 * step] = even_q + odd_q;
  d[4 * step] = even_q - odd_q;
  d[5 * step] = FMA(product, d1, FMA(-sum, d3, d5));
}

/// G g for a kernel of 3 values in the first places.
static inline __attribute__((always_inline)) void NAME(kernel_line)(NAME(vector) *g, const int step) {
  const NAME(vector) p2 = (NAME(vector))(WINOGRAD_P2), q2 = (NAME(vector))(WINOGRAD_Q2);
  const TYPE scale_p = 1 / (2 * WINOGRAD_P2 * (WINOGRAD_P2 - WINOGRAD_Q2)), scale_q = 1 / (2 * WINOGRAD_Q2 * (WINOGRAD_Q2 - WINOGRAD_P2));
  const NAME(vector) g0 = g[0], g1 = g[step], g2 = g[2 * step];
  const NAME(vector) even_p = FMA(p2, g2, g0), odd_p = WINOGRAD_P * g1;
  const NAME(vector) even_q = FMA(q2, g2, g0), odd_q = WINOGRAD_Q * g1;
  g[0] = g0 * (1 / (WINOGRAD_P2 * WINOGRAD_Q2));
  g[step] = scale_p * (even_p + odd_p);
  g[2 * step] = scale_p * (even_p - odd_p);
  g[3 * step] = scale_q * (even_q + odd_q);
  g[4 * step] = scale_q * (even_q - odd_q);
  g[5 * step] = g2;
}

/// A'm for 6 values: 4 outputs.
static inline __attribute__((always_inline)) void NAME(output_line)(NAME(vector) *m, const int step) {
  const NAME(vector) p = (NAME(vector))(WINOGRAD_P), q = (NAME(vector))(WINOGRAD_Q);
  const NAME(vector) p2 = (NAME(vector))(WINOGRAD_P2), q2 = (NAME(vector))(WINOGRAD_Q2);
  const NAME(vector) even_p = m[step] + m[2 * step], odd_p = m[step] - m[2 * step];
  const NAME(vector) even_q = m[3 * step] + m[4 * step], odd_q = m[3 * step] - m[4 * step];
  m[0] = m[0] + (even_p + even_q);
  m[step] = FMA(p, odd_p, q * odd_q);
  m[2 * step] = FMA(p2, even_p, q2 * even_q);
  m[3 * step] = FMA(WINOGRAD_P2 * p, odd_p, FMA(WINOGRAD_Q2 * q, odd_q, m[5 * step]));
}

/// A y, the transpose.
static inline __attribute__((always_inline)) void NAME(gradient_line)(NAME(vector) *y, const int step) {
  const NAME(vector) p = (NAME(vector))(WINOGRAD_P), q = (NAME(vector))(WINOGRAD_Q);
  const NAME(vector) p2 = (NAME(vector))(WINOGRAD_P2), q2 = (NAME(vector))(WINOGRAD_Q2);
  const NAME(vector) y0 = y[0], y1 = y[step], y2 = y[2 * step], y3 = y[3 * step];
  const NAME(vector) even_p = FMA(p2, y2, y0), odd_p = p * FMA(p2, y3, y1);
  const NAME(vector) even_q = FMA(q2, y2, y0), odd_q = q * FMA(q2, y3, y1);
  y[step] = even_p + odd_p;
  y[2 * step] = even_p - odd_p;
  y[3 * step] = even_q + odd_q;
  y[4 * step] = even_q - odd_q;
  y[5 * step] = y3;
}

/// G'u, the transpose: 3 kernel gradients.
static inline __attribute__((always_inline)) void NAME(kernel_gradient_line)(NAME(vector) *u, const int step) {
  const TYPE scale_p = 1 / (2 * WINOGRAD_P2 * (WINOGRAD_P2 - WINOGRAD_Q2)), scale_q = 1 / (2 * WINOGRAD_Q2 * (WINOGRAD_Q2 - WINOGRAD_P2));
  const NAME(vector) p = (NAME(vector))(WINOGRAD_P), p2 = (NAME(vector))(WINOGRAD_P2), q2 = (NAME(vector))(WINOGRAD_Q2);
  const NAME(vector) even_p = scale_p * (u[step] + u[2 * step]), odd_p = scale_p * (u[step] - u[2 * step]);
  const NAME(vector) even_q = scale_q * (u[3 * step] + u[4 * step]), odd_q = scale_q * (u[3 * step] - u[4 * step]);
  u[0] = FMA((NAME(vector))(1 / (WINOGRAD_P2 * WINOGRAD_Q2)), u[0], even_p + even_q);
  u[step] = FMA(p, odd_p, WINOGRAD_Q * odd_q);
  u[2 * step] = FMA(p2, even_p, q2 * even_q) + u[5 * step];
}
