// Vectors of the level's width, from and to memory.

enum { NAME(width) = RIDGELINE_VECTOR_BYTES / sizeof(TYPE) };
typedef TYPE NAME(vector) __attribute__((ext_vector_type(RIDGELINE_VECTOR_BYTES / sizeof(TYPE))));

static inline NAME(vector) NAME(load)(const TYPE *from) {
  NAME(vector) value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline void NAME(store)(TYPE *to, NAME(vector) value) { memcpy(to, &value, sizeof value); }

/// A vector whose last `count` lanes are those of `inside`, and the others those of `outside`: where a row's last vector begins
/// before its last elements.
static inline __attribute__((always_inline)) NAME(vector) NAME(last_lanes)(ptrdiff_t count, NAME(vector) inside,
                                                                           NAME(vector) outside) {
  NAME(vector) lane;
#pragma clang loop unroll(full)
  for (int k = 0; k < NAME(width); k++) lane[k] = (TYPE)k;
  return lane >= (NAME(vector))((TYPE)(NAME(width) - count)) ? inside : outside;
}

/// The first `count` elements of a vector, zeros behind them.
static inline NAME(vector) NAME(load_some)(const TYPE *from, ptrdiff_t count) {
  NAME(vector) value = (NAME(vector))(0);
  memcpy(&value, from, (size_t)count * sizeof(TYPE));
  return value;
}

/// Stores the first `count` elements of a vector: in pieces of known sizes, which takes no call.
static inline __attribute__((always_inline)) void NAME(store_some)(TYPE *to, NAME(vector) value, ptrdiff_t count) {
  if (count >= NAME(width)) {
    NAME(store)(to, value);
    return;
  }
  TYPE lane[NAME(width)], *from = lane;
  NAME(store)(lane, value);
#pragma clang loop unroll(full)
  for (int piece = NAME(width) / 2; piece > 0; piece /= 2) {
    if (count & piece) (memcpy(to, from, (size_t)piece * sizeof(TYPE)), to += piece, from += piece);
  }
}

/// The numbers of a vector's lanes from k on.
#undef LANES_FROM
#if RIDGELINE_VECTOR_BYTES / TYPE_BYTES == 2
#define LANES_FROM(k) (k), (k) + 1
#elif RIDGELINE_VECTOR_BYTES / TYPE_BYTES == 4
#define LANES_FROM(k) (k), (k) + 1, (k) + 2, (k) + 3
#elif RIDGELINE_VECTOR_BYTES / TYPE_BYTES == 8
#define LANES_FROM(k) (k), (k) + 1, (k) + 2, (k) + 3, (k) + 4, (k) + 5, (k) + 6, (k) + 7
#else
#define LANES_FROM(k)                                                                                                \
  (k), (k) + 1, (k) + 2, (k) + 3, (k) + 4, (k) + 5, (k) + 6, (k) + 7, (k) + 8, (k) + 9, (k) + 10, (k) + 11, (k) + 12, \
      (k) + 13, (k) + 14, (k) + 15
#endif

/// The vector that begins at lane k of two that follow one another.
#define SHIFTED(low, high, k) __builtin_shufflevector(low, high, LANES_FROM(k))
