// Mathematical functions of a float as straight-line code, so that the compiler vectorises the loops that call them.
// Polynomials are minimax fits (Lawson's iteration). Errors are the largest seen at any level over every 211th float,
// against the C library's double functions, in units in the last place (ULP).

#define MATH_LOOP INDEPENDENT

/// exp(r) = 1 + r + r^2 P(r) on |r| <= ln(2) / 2; the polynomial's relative error is 2.5e-10.
static inline float NAME(exponential_tail)(float r) {
  float p = FMA(r, 1.98458991e-4f, 1.39408931e-3f);
  p = FMA(p, r, 8.33338965e-3f);
  p = FMA(p, r, 4.16663587e-2f);
  p = FMA(p, r, 1.66666657e-1f);
  p = FMA(p, r, 0.5f);
  return FMA(p, r * r, r);
}

/// Adding this and taking it away again rounds a small float to an integer, whose value then stands in the low bits.
#define ROUNDING_MAGIC 12582912.0f

/// 2^n for -126 <= n <= 127; for the exponent that a NaN gives, any float at all.
static inline float NAME(power_of_two)(int32_t n) { return ridgeline_from_bits(((uint32_t)n + 127u) << 23); }

/// e^x within 1.0 ULP, subnormal results included.
static inline float NAME(exponential)(float x) {
  // Beyond these ends the result is 0 or infinity anyway. A NaN fails both comparisons and stays.
  x = x > 89.0f ? 89.0f : x;
  x = x < -104.0f ? -104.0f : x;
  float shifted = FMA(x, 1.44269504f, ROUNDING_MAGIC);
  float n = shifted - ROUNDING_MAGIC;
  float r = FMA(n, -0.693359375f, x);
  r = FMA(n, 2.12194440e-4f, r);
  // 2^n may lie outside the normal floats although the result does not: multiply by two halves of it.
  int32_t exponent = (int32_t)(ridgeline_bits(shifted) - ridgeline_bits(ROUNDING_MAGIC));
  int32_t half = exponent >> 1;
  return (1.0f + NAME(exponential_tail)(r)) * NAME(power_of_two)(half) * NAME(power_of_two)(exponent - half);
}

/// e^x - 1 for -30 <= x <= 30, relative to its own size; a NaN stays a NaN.
static inline float NAME(exponential_minus_one)(float x) {
  float shifted = FMA(x, 1.44269504f, ROUNDING_MAGIC);
  float n = shifted - ROUNDING_MAGIC;
  float r = FMA(n, -0.693359375f, x);
  r = FMA(n, 2.12194440e-4f, r);
  float scale = NAME(power_of_two)((int32_t)(ridgeline_bits(shifted) - ridgeline_bits(ROUNDING_MAGIC)));
  return FMA(NAME(exponential_tail)(r), scale, scale - 1.0f);
}

/// log(x) within 0.9 ULP, subnormal arguments included.
static inline float NAME(logarithm)(float x) {
  // x = m 2^e with 2/3 <= m < 4/3, so that log m does not cancel against e log 2.
  float scaled = x < 1.17549435e-38f ? x * 8388608.0f : x;
  float shift = x < 1.17549435e-38f ? -23.0f : 0.0f;
  uint32_t bits = ridgeline_bits(scaled) - 0x3f2aaaabu;
  float e = (float)((int32_t)bits >> 23) + shift;
  float f = ridgeline_from_bits((bits & 0x7fffffu) + 0x3f2aaaabu) - 1.0f;
  // log(1 + f) = f - f^2 / 2 + f^3 Q(f); the polynomial's relative error is 4.7e-9.
  float q = FMA(f, -1.28916845e-1f, 1.39844373e-1f);
  q = FMA(q, f, -1.21842615e-1f);
  q = FMA(q, f, 1.40058681e-1f);
  q = FMA(q, f, -1.66804880e-1f);
  q = FMA(q, f, 2.00104058e-1f);
  q = FMA(q, f, -2.49997973e-1f);
  q = FMA(q, f, 3.33332151e-1f);
  float square = f * f;
  float tail = FMA(square * f, q, e * -2.12194440e-4f);
  tail = FMA(square, -0.5f, tail);
  float result = FMA(e, 0.693359375f, f + tail);
  result = x < INFINITY ? result : x;
  result = x > 0.0f ? result : (x == 0.0f ? -INFINITY : (x - x) / 0.0f);
  return x != x ? x : result;
}

/// tanh(x) = x P(x^2) / Q(x^2) on |x| <= 9, beyond which 1 is within one ULP of it, within 5.3 ULP and 0.6 ULP on average. The quotient's
/// relative error is 2.1e-8; without an exponential it takes half the time of (e^2x - 1) / (e^2x + 1), which is within 2.4.
static inline float NAME(hyperbolic_tangent)(float x) {
  // A NaN fails all comparisons and stays.
  x = x > 9.0f ? 9.0f : x;
  x = x < -9.0f ? -9.0f : x;
  float square = x * x;
  float p = FMA(square, 1.33189612e-8f, 2.05833993e-5f);
  p = FMA(p, square, 3.49402956e-3f);
  p = FMA(p, square, 1.33797137e-1f);
  p = FMA(p, x * square, x);
  float q = FMA(square, 7.76197341e-7f, 3.28308466e-4f);
  q = FMA(q, square, 2.58710542e-2f);
  q = FMA(q, square, 4.67130290e-1f);
  q = FMA(q, square, 1.0f);
  float result = p / q;
  // Never past 1, where 1 - tanh^2 would be negative.
  result = result > 1.0f ? 1.0f : result;
  return result < -1.0f ? -1.0f : result;
}

/// 1 / (1 + e^-x) within 2.3 ULP, without overflow or cancellation on either side.
static inline float NAME(logistic)(float x) {
  float z = NAME(exponential)(-__builtin_fabsf(x));
  return (x < 0.0f ? z : 1.0f) / (1.0f + z);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|), within 2.6 ULP.
static inline float NAME(soft_plus)(float x) {
  float z = NAME(exponential)(-__builtin_fabsf(x));
  // log(1 + z) = 2 artanh(s) with s = z / (2 + z) <= 1/3; the polynomial's relative error is 4.5e-9.
  float s = z / (2.0f + z), square = s * s;
  float p = FMA(square, 1.40059933e-1f, 1.40009031e-1f);
  p = FMA(p, square, 2.00107634e-1f);
  p = FMA(p, square, 3.33332092e-1f);
  float twice = s + s;
  return (x < 0.0f ? 0.0f : x) + FMA(twice * square, p, twice);
}

/// e^x - 1 for x <= 0, the negative side of ELU, within 0.9 ULP.
static inline float NAME(exponential_minus_one_of_negative)(float x) {
  return NAME(exponential_minus_one)(x < -30.0f ? -30.0f : x > 0.0f ? 0.0f : x);
}

static inline float NAME(square_root)(float x) { return __builtin_elementwise_sqrt(x); }
static inline float NAME(absolute)(float x) { return __builtin_fabsf(x); }
static inline float NAME(sine)(float x) { return sinf(x); }
static inline float NAME(cosine)(float x) { return cosf(x); }
static inline float NAME(raised)(float x, float y) { return powf(x, y); }
