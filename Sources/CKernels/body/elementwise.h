// out[i] = f(a[i], b[i], c[i]; p, q). A NaN operand gives a NaN, also through maximum, minimum, relu and clamp.

/// A loop that the compiler vectorises.
#define EACH(opcode, expression)                          \
  case ridgeline_opcode_##opcode: {                       \
    INDEPENDENT                                           \
    for (ptrdiff_t i = 0; i < count; i++) out[i] = (expression); \
    return;                                               \
  }

/// A loop that calls the element type's mathematical functions.
#define EACH_MATH(opcode, expression)                     \
  case ridgeline_opcode_##opcode: {                       \
    MATH_LOOP                                             \
    for (ptrdiff_t i = 0; i < count; i++) out[i] = (expression); \
    return;                                               \
  }

/// A loop over a function of the C library.
#define EACH_CALL(opcode, expression)                     \
  case ridgeline_opcode_##opcode: {                       \
    for (ptrdiff_t i = 0; i < count; i++) out[i] = (expression); \
    return;                                               \
  }

static void NAME(elementwise_power)(ptrdiff_t count, const TYPE *a, TYPE *out, TYPE p) {
  if (p == 2) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < count; i++) out[i] = a[i] * a[i];
  } else {
    for (ptrdiff_t i = 0; i < count; i++) out[i] = NAME(raised)(a[i], p);
  }
}

static void NAME(elementwise)(int32_t opcode, ptrdiff_t count, const TYPE *a, const TYPE *b, const TYPE *c, TYPE *out,
                              TYPE p, TYPE q) {
  switch (opcode) {
    case ridgeline_opcode_copy:
      if (out != a && count > 0) memcpy(out, a, (size_t)count * sizeof(TYPE));
      return;
    EACH(negate, -a[i])
    EACH(abs, NAME(absolute)(a[i]))
    EACH(sign, a[i] > 0 ? (TYPE)1 : a[i] < 0 ? (TYPE)-1 : a[i])
    EACH(square, a[i] * a[i])
    EACH(sqrt, NAME(square_root)(a[i]))
    EACH(reciprocal, (TYPE)1 / a[i])
    EACH_MATH(exp, NAME(exponential)(a[i]))
    EACH_MATH(log, NAME(logarithm)(a[i]))
    EACH_CALL(sin, NAME(sine)(a[i]))
    EACH_CALL(cos, NAME(cosine)(a[i]))
#if RIDGELINE_TANGENTS_BY_TABLE
    case ridgeline_opcode_tanh:
      NAME(hyperbolic_tangents)(0, count, a, b, out);
      return;
    case ridgeline_opcode_tanh_of_sum:
      NAME(hyperbolic_tangents)(1, count, a, b, out);
      return;
#else
    EACH_MATH(tanh, NAME(hyperbolic_tangent)(a[i]))
    EACH_MATH(tanh_of_sum, NAME(hyperbolic_tangent)(a[i] + b[i]))
#endif
    EACH_MATH(sigmoid, NAME(logistic)(a[i]))
    EACH_MATH(softplus, NAME(soft_plus)(a[i]))
    EACH(softsign, a[i] / ((TYPE)1 + NAME(absolute)(a[i])))
    EACH(relu, a[i] <= 0 ? (TYPE)0 : a[i])
    EACH(leaky_relu, a[i] > 0 ? a[i] : p * a[i])
    EACH_MATH(elu, a[i] > 0 ? a[i] : p * NAME(exponential_minus_one_of_negative)(a[i]))
    EACH(affine, p * a[i] + q)
    case ridgeline_opcode_power:
      NAME(elementwise_power)(count, a, out, p);
      return;
    EACH(clamp, a[i] < p ? p : a[i] > q ? q : a[i])
    EACH(step, a[i] > 0 ? (TYPE)1 : (TYPE)0)
    EACH(fill, p)
    EACH(add, a[i] + b[i])
    EACH(subtract, a[i] - b[i])
    EACH(multiply, a[i] * b[i])
    EACH(divide, a[i] / b[i])
    EACH(maximum, ((a[i] > b[i]) | (a[i] != a[i])) ? a[i] : b[i])
    EACH(minimum, ((a[i] < b[i]) | (a[i] != a[i])) ? a[i] : b[i])
    EACH_CALL(raise, NAME(raised)(a[i], b[i]))
    EACH(greater, a[i] > b[i] ? (TYPE)1 : (TYPE)0)
    EACH(greater_equal, a[i] >= b[i] ? (TYPE)1 : (TYPE)0)
    EACH(equal, a[i] == b[i] ? (TYPE)1 : (TYPE)0)
    EACH(add_scaled, a[i] + p * b[i])
    EACH(multiply_by_square, a[i] * FMA(p, b[i] * b[i], q))
    EACH(multiply_add, a[i] * b[i] + c[i])
    EACH(subtract_product, a[i] - b[i] * c[i])
    EACH(select, a[i] != 0 ? b[i] : c[i])
  }
}

#undef EACH
#undef EACH_MATH
#undef EACH_CALL
