// Vectors of the level's width, from and to memory.

enum { NAME(width) = RIDGELINE_VECTOR_BYTES / sizeof(TYPE) };
typedef TYPE NAME(vector) __attribute__((ext_vector_type(RIDGELINE_VECTOR_BYTES / sizeof(TYPE))));

static inline NAME(vector) NAME(load)(const TYPE *from) {
  NAME(vector) value;
  memcpy(&value, from, sizeof value);
  return value;
}

static inline void NAME(store)(TYPE *to, NAME(vector) value) { memcpy(to, &value, sizeof value); }

/// The first `count` elements of a vector, zeros behind them.
static inline NAME(vector) NAME(load_some)(const TYPE *from, ptrdiff_t count) {
  NAME(vector) value = (NAME(vector))(0);
  memcpy(&value, from, (size_t)count * sizeof(TYPE));
  return value;
}

static inline void NAME(store_some)(TYPE *to, NAME(vector) value, ptrdiff_t count) {
  memcpy(to, &value, (size_t)count * sizeof(TYPE));
}
