// tanh of floats with vectors of 16, where a permutation of two registers is a look into a table of 32 entries: it takes a sixth
// less time than a quotient, whose division is slow.

#undef RIDGELINE_TANGENTS_BY_TABLE
#define RIDGELINE_TANGENTS_BY_TABLE (RIDGELINE_VECTOR_BYTES == 64 && TYPE_BYTES == 4)
#if RIDGELINE_TANGENTS_BY_TABLE

/// The coefficients of 1, d, ... d^5 in tanh(k s + d) for k = 0 ... 31 and steps of s = 0.2875: fits by least squares of the
/// relative error over Chebyshev nodes, each coefficient rounded before the next was fitted; for k = 0 it is odd in d.
static const TYPE NAME(tangent_table)[6][32] = {
    {0, 0x1.1e8c54p-2f, 0x1.09bd3ap-1f, 0x1.65246cp-1f, 0x1.a2b0aap-1f, 0x1.c950a4p-1f, 0x1.e07e2p-1f, 0x1.ee0764p-1f,
     0x1.f5cf32p-1f, 0x1.fa3d98p-1f, 0x1.fcc04cp-1f, 0x1.fe2b5ap-1f, 0x1.fef814p-1f, 0x1.ff6b6ep-1f, 0x1.ffac6p-1f,
     0x1.ffd0fp-1f, 0x1.ffe584p-1f, 0x1.fff118p-1f, 0x1.fff79ep-1f, 0x1.fffb48p-1f, 0x1.fffd58p-1f, 0x1.fffe82p-1f,
     0x1.ffff28p-1f, 0x1.ffff86p-1f, 0x1.ffffbcp-1f, 0x1.ffffdap-1f, 0x1.ffffeap-1f, 0x1.fffff4p-1f, 0x1.fffffap-1f,
     0x1.fffffcp-1f, 0x1.fffffep-1f, 0x1.fffffep-1f},
    {0x1p0f, 0x1.d7e854p-1f, 0x1.76135cp-1f, 0x1.06e0b4p-1f, 0x1.533a9ep-2f, 0x1.9e1e02p-3f, 0x1.e89b1cp-4f,
     0x1.1a7ddep-4f, 0x1.42dafap-5f, 0x1.6e871ep-6f, 0x1.9e87d2p-7f, 0x1.d3d06p-8f, 0x1.07a73cp-8f, 0x1.28fabap-9f,
     0x1.4e63a4p-10f, 0x1.786e1p-11f, 0x1.a7b456p-12f, 0x1.dce21ap-13f, 0x1.0c5b9ep-13f, 0x1.2e056p-14f,
     0x1.53e71ap-15f, 0x1.7e8884p-16f, 0x1.ae823ep-17f, 0x1.e48008p-18f, 0x1.10a18ap-18f, 0x1.32d268p-19f,
     0x1.594ceep-20f, 0x1.849accp-21f, 0x1.b556eep-22f, 0x1.ec2faep-23f, 0x1.14f4a4p-23f, -0x1.7a7c8cp-26f},
    {0, -0x1.08187ap-2f, -0x1.844c06p-2f, -0x1.6ebe26p-2f, -0x1.1569c8p-2f, -0x1.71e6e6p-3f, -0x1.ca8644p-4f,
     -0x1.10903p-4f, -0x1.3c6fd2p-5f, -0x1.6a58c8p-6f, -0x1.9bbd6cp-7f, -0x1.d2761p-8f, -0x1.06d6c4p-8f,
     -0x1.2955bap-9f, -0x1.4dc79cp-10f, -0x1.780ce6p-11f, -0x1.a758f6p-12f, -0x1.d4259ep-13f, -0x1.179bdp-13f,
     -0x1.309106p-14f, -0x1.4acfdep-15f, -0x1.b258ccp-16f, -0x1.1e4e74p-17f, -0x1.23ae2ap-19f, -0x1.4dbab2p-18f,
     -0x1.21fa56p-18f, 0x1.2f1c7ap-20f, -0x1.a12388p-20f, -0x1.5dfe22p-18f, 0x1.646118p-21f, -0x1.202584p-20f,
     0x1.f00e8ap-18f},
    {-0x1.5552d2p-2f, -0x1.e19238p-3f, -0x1.7ef51ep-5f, 0x1.423ba2p-4f, 0x1.c71684p-4f, 0x1.80ae82p-4f,
     0x1.0b756ep-4f, 0x1.51b24ep-5f, 0x1.950724p-6f, 0x1.d84fbap-7f, 0x1.0f1d2ap-7f, 0x1.3487dap-8f, 0x1.5d6aa8p-9f,
     0x1.8a9eb4p-10f, 0x1.bd003p-11f, 0x1.f55beap-12f, 0x1.1a4b8p-12f, 0x1.3dd0c4p-13f, 0x1.65bb8ap-14f,
     0x1.92a6ap-15f, 0x1.c52bfp-16f, 0x1.fe03f2p-17f, 0x1.1f00ep-17f, 0x1.42ffbcp-18f, 0x1.6b81c6p-19f,
     0x1.99163ep-20f, 0x1.cc6658p-21f, 0x1.03115p-21f, 0x1.238e26p-22f, 0x1.481f44p-23f, 0x1.71449p-24f,
     0x1.3da714p-15f},
    {0, 0x1.32868cp-3f, 0x1.323d74p-3f, 0x1.0a1cc8p-4f, 0x1.d35128p-14f, -0x1.7c2002p-6f, -0x1.89e1f6p-6f,
     -0x1.2254ep-6f, -0x1.736a9ep-7f, -0x1.ccb4c4p-8f, -0x1.153c98p-8f, -0x1.18239p-9f, -0x1.877246p-10f,
     -0x1.1ec352p-11f, -0x1.fa7a86p-12f, -0x1.0df6b4p-12f, -0x1.2fe3d4p-13f, -0x1.ef6a66p-13f, 0x1.5a8ff6p-13f,
     -0x1.f87de4p-22f, -0x1.d14a76p-15f, 0x1.d58f62p-14f, -0x1.65e88cp-13f, -0x1.9ec7bcp-13f, 0x1.1c48cap-15f,
     0x1.473d9cp-14f, -0x1.8a0998p-14f, 0x1.0b908p-15f, 0x1.8613b2p-13f, -0x1.22a792p-15f, 0x1.325ceep-15f,
     -0x1.fef4fap-12f},
    {0x1.0df10ap-3f, 0x1.e78d1p-5f, -0x1.6eb60ep-5f, -0x1.e62cc4p-5f, -0x1.df1b88p-6f, -0x1.789596p-8f,
     0x1.abce1cp-9f, 0x1.358ed2p-8f, 0x1.ec82d6p-9f, 0x1.46184p-9f, 0x1.900d42p-10f, 0x1.db21dp-11f, 0x1.1134a8p-11f,
     0x1.391b86p-12f, 0x1.61ca78p-13f, 0x1.912fdep-14f, 0x1.c48682p-15f, 0x1.fc4dp-16f, 0x1.1ffa58p-16f,
     0x1.42bf42p-17f, 0x1.6bd8ecp-18f, 0x1.9a88cap-19f, 0x1.cb3494p-20f, 0x1.028c98p-20f, 0x1.234e38p-21f,
     0x1.49156p-22f, 0x1.71148ap-23f, 0x1.9ff75cp-24f, 0x1.d4d8fep-25f, 0x1.075406p-25f, 0x1.28f45ep-26f,
     -0x1.77b0bap-9f},
};

typedef __attribute__((ext_vector_type(16))) int32_t NAME(vector_bits);

/// Each lane's entry, by the low 5 bits of `k`, in a table whose halves are `low` and `high`.
#define TANGENT_ENTRY(k, j) ((NAME(vector))__builtin_ia32_vpermi2varps512(low[j], k, high[j]))

/// tanh(x) within 1.9 ULP and 0.2 ULP on average, and never past 1, where 1 - tanh^2 would be negative.
static inline __attribute__((always_inline)) NAME(vector) NAME(hyperbolic_tangent_by_table)(
    NAME(vector) x, const NAME(vector) *low, const NAME(vector) *high) {
  const NAME(vector) magic = (NAME(vector))(ROUNDING_MAGIC), step = (NAME(vector))(0.2875f);
  const NAME(vector_bits) sign = (NAME(vector_bits))(INT32_MIN), bits = (NAME(vector_bits))x;
  NAME(vector) size = (NAME(vector))(bits & ~sign);
  // A NaN fails the comparison and stays. From 9 on, where the last polynomial ends, 1 is within one ULP.
  size = size > 9 ? (NAME(vector))(9) : size;
  const NAME(vector) shifted = FMA(size, (NAME(vector))(1 / 0.2875f), magic), d = FMA(magic - shifted, step, size);
  const NAME(vector_bits) k = (NAME(vector_bits))shifted;
  NAME(vector) y = TANGENT_ENTRY(k, 5);
#pragma clang loop unroll(full)
  for (int j = 4; j >= 0; j--) y = FMA(y, d, TANGENT_ENTRY(k, j));
  return (NAME(vector))(((NAME(vector_bits))y & ~sign) | (bits & sign));
}

#undef TANGENT_ENTRY

/// out = tanh(a), or tanh(a + b).
static inline __attribute__((always_inline)) void NAME(hyperbolic_tangents)(
    const int is_of_sum, ptrdiff_t count, const TYPE *a, const TYPE *b, TYPE *out) {
  NAME(vector) low[6], high[6];
#pragma clang loop unroll(full)
  for (int j = 0; j < 6; j++) {
    low[j] = NAME(load)(NAME(tangent_table)[j]);
    high[j] = NAME(load)(NAME(tangent_table)[j] + NAME(width));
  }
  ptrdiff_t i = 0;
  for (; i + NAME(width) <= count; i += NAME(width)) {
    NAME(vector) x = NAME(load)(a + i);
    if (is_of_sum) x += NAME(load)(b + i);
    NAME(store)(out + i, NAME(hyperbolic_tangent_by_table)(x, low, high));
  }
  if (i < count) {
    NAME(vector) x = NAME(load_some)(a + i, count - i);
    if (is_of_sum) x += NAME(load_some)(b + i, count - i);
    NAME(store_some)(out + i, NAME(hyperbolic_tangent_by_table)(x, low, high), count - i);
  }
}

#endif
