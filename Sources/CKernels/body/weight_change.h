// What becomes of a dense layer's weights, where a kernel changes them while it has them in registers.

/// What is added to the rows of W: element (j, d) grows by `alpha` sum over r of x[r * pitch + j] g[r][d].
///
/// Where W has a velocity, which lies in memory as W does, it is that which becomes `momentum` times what it was, plus that
/// sum, plus `decay` times the element of W; and W grows by `step` times the velocity.
typedef struct {
  TYPE alpha;
  const TYPE *x;
  ptrdiff_t pitch;
  TYPE momentum, decay, step;
} NAME(row_change);

/// What becomes of W, and whether it has a velocity: known to the compiler, since a loop that asks is slower.
enum { NAME(unchanged), NAME(changed_alone), NAME(changed_with_velocity) };

/// Stores what a vector of W becomes, and its velocity, if it has one. Of the last vector of a row only the last `rest` lanes
/// change.
static inline __attribute__((always_inline)) void NAME(change_vector)(const int changes, const int is_last, ptrdiff_t rest,
                                                                      const NAME(row_change) *change, NAME(vector) weight,
                                                                      NAME(vector) added, TYPE *w, TYPE *velocity) {
  NAME(vector) after;
  if (changes == NAME(changed_with_velocity)) {
    const NAME(vector) before = NAME(load)(velocity);
    NAME(vector) next = FMA((NAME(vector))(change->alpha), added, (NAME(vector))(change->momentum) * before);
    // Without a decay an infinite element leaves its velocity finite.
    if (change->decay != 0) next = FMA((NAME(vector))(change->decay), weight, next);
    after = FMA((NAME(vector))(change->step), next, weight);
    NAME(store)(velocity, is_last ? NAME(last_lanes)(rest, next, before) : next);
  } else {
    after = FMA((NAME(vector))(change->alpha), added, weight);
  }
  NAME(store)(w, is_last ? NAME(last_lanes)(rest, after, weight) : after);
}
