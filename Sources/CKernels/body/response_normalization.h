// Local response normalization over the channels of each pixel (Krizhevsky et al. 2012, section 3.3):
// s[c] = bias + scale * (x[c - before]^2 + ... + x[c + after]^2), y[c] = x[c] * s[c]^-exponent.
// The sums are made anew in the gradient: reading x once more costs less than keeping them does.
//
// With the paper's windows, of two channels before and two after, a pixel goes through in registers; with others, through rows in
// the first-level cache.

/// out[c] = the sum of padded[c ..< c + taps].
static void NAME(sliding_sum)(ptrdiff_t channels, ptrdiff_t taps, const TYPE *restrict padded, TYPE *restrict out) {
  for (ptrdiff_t c = 0; c < channels; c++) out[c] = padded[c];
  for (ptrdiff_t tap = 1; tap < taps; tap++) {
    for (ptrdiff_t c = 0; c < channels; c++) out[c] += padded[c + tap];
  }
}

/// s[c] for one pixel; `padded` holds `before` zeros, room for the channels and `after` zeros.
static void NAME(response_sums)(const ridgeline_response *r, const TYPE *restrict x, TYPE scale, TYPE bias,
                                TYPE *restrict padded, TYPE *restrict sums) {
  TYPE *squares = padded + r->before;
  for (ptrdiff_t c = 0; c < r->channels; c++) squares[c] = x[c] * x[c];
  NAME(sliding_sum)(r->channels, r->before + 1 + r->after, padded, sums);
  for (ptrdiff_t c = 0; c < r->channels; c++) sums[c] = bias + scale * sums[c];
}

/// factors[c] = sums[c]^-exponent and reciprocals[c] = 1 / sums[c], in whole vectors.
static void NAME(response_factors)(ptrdiff_t channels, const TYPE *sums, TYPE exponent, TYPE *factors, TYPE *reciprocals) {
  for (ptrdiff_t c = 0; c < channels; c += NAME(width)) {
    NAME(vector) next;
    NAME(store)(factors + c, NAME(inverse_power)(NAME(load)(sums + c), exponent, &next));
    NAME(store)(reciprocals + c, next);
  }
}

/// The length of a row with room around it, in whole cache lines.
static inline ptrdiff_t NAME(response_pitch)(const ridgeline_response *r) {
  return (r->channels + r->before + r->after + 31) / 32 * 32;
}

static void NAME(general_response_normalization)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale, TYPE bias,
                                                 TYPE exponent, const TYPE *x, TYPE *y, TYPE *restrict scratch) {
  const ridgeline_response r = *response;
  const ptrdiff_t pitch = NAME(response_pitch)(&r);
  TYPE *padded = scratch, *sums = scratch + pitch, *factors = sums + pitch, *reciprocals = factors + pitch;
  for (ptrdiff_t c = 0; c < pitch; c++) padded[c] = sums[c] = 0;
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, x += r.channels, y += r.channels) {
    NAME(response_sums)(&r, x, scale, bias, padded, sums);
    NAME(response_factors)(r.channels, sums, exponent, factors, reciprocals);
    INDEPENDENT
    for (ptrdiff_t c = 0; c < r.channels; c++) y[c] = x[c] * factors[c];
  }
}

/// dx[c] = dy[c] s[c]^-e - 2 e scale x[c] * (the sum over the c' whose window holds c of dy[c'] x[c'] s[c']^(-e - 1)).
static void NAME(general_response_normalization_gradient)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale,
                                                          TYPE bias, TYPE exponent, const TYPE *x, const TYPE *dy, TYPE *dx,
                                                          TYPE *restrict scratch) {
  const ridgeline_response r = *response;
  const ptrdiff_t pitch = NAME(response_pitch)(&r);
  TYPE *padded = scratch, *sums = scratch + pitch, *factors = sums + pitch, *reciprocals = factors + pitch;
  TYPE *shares = reciprocals + pitch;
  const TYPE twice = -2 * exponent * scale;
  for (ptrdiff_t c = 0; c < pitch; c++) padded[c] = sums[c] = shares[c] = 0;
  // A window reaches `before` channels back, so a channel is in the windows of those up to `before` ahead.
  TYPE *share = shares + r.after;
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, x += r.channels, dy += r.channels, dx += r.channels) {
    NAME(response_sums)(&r, x, scale, bias, padded, sums);
    NAME(response_factors)(r.channels, sums, exponent, factors, reciprocals);
    INDEPENDENT
    for (ptrdiff_t c = 0; c < r.channels; c++) share[c] = dy[c] * x[c] * factors[c] * reciprocals[c];
    NAME(sliding_sum)(r.channels, r.before + 1 + r.after, shares, sums);
    INDEPENDENT
    for (ptrdiff_t c = 0; c < r.channels; c++) dx[c] = dy[c] * factors[c] + twice * x[c] * sums[c];
  }
}

/// Vector number v of a pixel's channels; zeros beyond them.
static inline NAME(vector) NAME(load_channels)(const TYPE *pixel, ptrdiff_t v, ptrdiff_t channels) {
  const ptrdiff_t first = v * NAME(width), rest = channels - first;
  if (rest >= NAME(width)) return NAME(load)(pixel + first);
  return rest > 0 ? NAME(load_some)(pixel + first, rest) : (NAME(vector))(0);
}

static inline void NAME(store_channels)(TYPE *pixel, ptrdiff_t v, ptrdiff_t channels, NAME(vector) value) {
  const ptrdiff_t first = v * NAME(width), rest = channels - first;
  if (rest >= NAME(width)) {
    NAME(store)(pixel + first, value);
  } else {
    NAME(store_some)(pixel + first, value, rest);
  }
}

/// The sums over two lanes before each, itself and two after.
static inline NAME(vector) NAME(sum_of_five)(NAME(vector) before, NAME(vector) here, NAME(vector) after) {
  return SHIFTED(before, here, NAME(width) - 2) + SHIFTED(before, here, NAME(width) - 1) + here + SHIFTED(here, after, 1) +
         SHIFTED(here, after, 2);
}

static void NAME(response_normalization)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale, TYPE bias,
                                         TYPE exponent, const TYPE *x, TYPE *y, TYPE *scratch) {
  if (response->before != 2 || response->after != 2) {
    NAME(general_response_normalization)(response, pixels, scale, bias, exponent, x, y, scratch);
    return;
  }
  const ptrdiff_t channels = response->channels, vectors = NAME(blocks_of)(channels, NAME(width));
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, x += channels, y += channels) {
    NAME(vector) here = NAME(load_channels)(x, 0, channels), before = (NAME(vector))(0), square = here * here;
    for (ptrdiff_t v = 0; v < vectors; v++) {
      const NAME(vector) next = NAME(load_channels)(x, v + 1, channels), after = next * next;
      NAME(vector) reciprocal;
      const NAME(vector) sums = bias + scale * NAME(sum_of_five)(before, square, after);
      NAME(store_channels)(y, v, channels, here * NAME(inverse_power)(sums, exponent, &reciprocal));
      (here = next, before = square, square = after);
    }
  }
}

static void NAME(response_normalization_gradient)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale,
                                                  TYPE bias, TYPE exponent, const TYPE *x, const TYPE *dy, TYPE *dx,
                                                  TYPE *scratch) {
  if (response->before != 2 || response->after != 2) {
    NAME(general_response_normalization_gradient)(response, pixels, scale, bias, exponent, x, dy, dx, scratch);
    return;
  }
  const ptrdiff_t channels = response->channels, vectors = NAME(blocks_of)(channels, NAME(width));
  const TYPE twice = -2 * exponent * scale;
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, x += channels, dy += channels, dx += channels) {
    const NAME(vector) zero = (NAME(vector))(0);
    NAME(vector) here = NAME(load_channels)(x, 0, channels), before = zero, square = here * here;
    // Of the vector before this one, which is written when this one's shares are known.
    NAME(vector) direct = zero, factor = zero, earlier_share = zero, last_share = zero;
    for (ptrdiff_t v = 0; v < vectors; v++) {
      const NAME(vector) next = NAME(load_channels)(x, v + 1, channels), after = next * next;
      const NAME(vector) sums = bias + scale * NAME(sum_of_five)(before, square, after);
      const NAME(vector) above = NAME(load_channels)(dy, v, channels);
      NAME(vector) reciprocal;
      const NAME(vector) power = NAME(inverse_power)(sums, exponent, &reciprocal);
      NAME(vector) share = above * here * power * reciprocal;
      // Beyond the channels, where nothing has a share, a sum of zero would make one that is not a number.
      for (ptrdiff_t lane = channels - v * NAME(width); lane < NAME(width); lane++) share[lane] = 0;
      if (v > 0) {
        NAME(store)(dx + (v - 1) * NAME(width), direct + factor * NAME(sum_of_five)(earlier_share, last_share, share));
      }
      (direct = above * power, factor = twice * here);
      (earlier_share = last_share, last_share = share);
      (here = next, before = square, square = after);
    }
    NAME(store_channels)
    (dx, vectors - 1, channels, direct + factor * NAME(sum_of_five)(earlier_share, last_share, zero));
  }
}
