// s^-exponent and 1 / s, the factors of local response normalization and of its gradient.

#if TYPE_BYTES == 4
/// s^-3/4 within 2.7 ULP, and in `reciprocal` 1 / s within 3.4, without roots or quotients, which take several times as
/// long. With the same bits at every level, as nothing is fused.
static inline NAME(vector) NAME(negative_three_quarters)(NAME(vector) s, NAME(vector) *reciprocal) {
  typedef uint32_t bits __attribute__((ext_vector_type(NAME(width))));
  const NAME(vector) one = (NAME(vector))(1);
  // A subnormal number is scaled by 2^24, and its powers by 2^18 and 2^24.
  const NAME(vector) scale = s < 1.17549435e-38f ? (NAME(vector))(16777216.0f) : one, x = s * scale;
  const NAME(vector) unscaled = s < 1.17549435e-38f ? (NAME(vector))(262144.0f) : one;
  // The exponent times -1/4 is a first y = x^-1/4, within 3.2 %. With h = 1 - x y^4, which tells how far it is off,
  // x^-1/4 = y (1 - h)^-1/4 = y (1 + h / 4 + 5 h^2 / 32 + ...), and other powers likewise. y^4 alone may be subnormal, and then counts as zero.
  const bits guess = 0x4f583c00u - (__builtin_bit_cast(bits, x) >> 2);
  NAME(vector) y = __builtin_bit_cast(NAME(vector), guess), square = y * y;
  NAME(vector) h = one - (x * square) * square;
  y += y * (h * (h * 0.15625f + 0.25f));
  square = y * y;
  const NAME(vector) third = square * y;
  h = one - (x * square) * square;
  const NAME(vector) power = (third + third * (h * (h * 0.65625f + 0.75f))) * unscaled;
  // The square of x^-1/2, since what is added to y^4 alone would be subnormal.
  const NAME(vector) root = square + square * (h * (h * 0.375f + 0.5f)), inverse = root * root * scale;
  // Zero, infinity, and what has no root.
  const NAME(vector) limit = s == 0.0f ? (NAME(vector))(INFINITY) : s > 0.0f ? (NAME(vector))(0) : (NAME(vector))(NAN);
  const bits is_ordinary = __builtin_bit_cast(bits, (s > 0.0f) & (s <= 3.40282347e38f));
  *reciprocal = is_ordinary ? inverse : limit;
  return is_ordinary ? power : limit;
}
#else
static inline NAME(vector) NAME(negative_three_quarters)(NAME(vector) s, NAME(vector) *reciprocal) {
  const NAME(vector) root = __builtin_elementwise_sqrt(s);
  *reciprocal = 1 / s;
  return 1 / (root * __builtin_elementwise_sqrt(root));
}
#endif

/// s^-exponent, and in `reciprocal` 1 / s. The exponents that are in use are roots; others go through the C library.
static inline __attribute__((always_inline)) NAME(vector) NAME(inverse_power)(NAME(vector) s, TYPE exponent,
                                                                              NAME(vector) *reciprocal) {
  if (exponent == (TYPE)0.75) return NAME(negative_three_quarters)(s, reciprocal);
  *reciprocal = 1 / s;
  if (exponent == 1) return *reciprocal;
  NAME(vector) power;
  if (exponent == (TYPE)0.5) {
    power = 1 / __builtin_elementwise_sqrt(s);
  } else {
    for (int lane = 0; lane < NAME(width); lane++) power[lane] = NAME(raised)(s[lane], -exponent);
  }
  return power;
}
