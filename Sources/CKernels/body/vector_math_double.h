// Mathematical functions of a double: the C library's, which are accurate but called one element at a time.

#undef MATH_LOOP
#define MATH_LOOP

static inline double NAME(exponential)(double x) { return exp(x); }
static inline double NAME(logarithm)(double x) { return log(x); }
static inline double NAME(hyperbolic_tangent)(double x) { return tanh(x); }

/// 1 / (1 + e^-x), without overflow or cancellation on either side.
static inline double NAME(logistic)(double x) {
  double z = exp(-__builtin_fabs(x));
  return (x < 0.0 ? z : 1.0) / (1.0 + z);
}

/// log(1 + e^x) = max(x, 0) + log(1 + e^-|x|).
static inline double NAME(soft_plus)(double x) { return (x < 0.0 ? 0.0 : x) + log1p(exp(-__builtin_fabs(x))); }

/// e^x - 1 for x <= 0, the negative side of ELU.
static inline double NAME(exponential_minus_one_of_negative)(double x) { return expm1(x > 0.0 ? 0.0 : x); }

static inline double NAME(square_root)(double x) { return __builtin_elementwise_sqrt(x); }
static inline double NAME(absolute)(double x) { return __builtin_fabs(x); }
static inline double NAME(sine)(double x) { return sin(x); }
static inline double NAME(cosine)(double x) { return cos(x); }
static inline double NAME(raised)(double x, double y) { return pow(x, y); }
