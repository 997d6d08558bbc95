// Local response normalization over the channels of each pixel (Krizhevsky et al. 2012, section 3.3):
// s[c] = bias + scale * (x[c - before]^2 + ... + x[c + after]^2), y[c] = x[c] * s[c]^-exponent.
// The sums are made anew in the gradient: reading x once more costs less than keeping them does.

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

/// out[c] = sums[c]^-exponent. The exponents that are in use are roots; others go through the C library.
static void NAME(response_factors)(ptrdiff_t channels, const TYPE *restrict sums, TYPE exponent, TYPE *restrict out) {
  if (exponent == (TYPE)0.75) {
    for (ptrdiff_t c = 0; c < channels; c++) {
      TYPE root = NAME(square_root)(sums[c]);
      out[c] = (TYPE)1 / (root * NAME(square_root)(root));
    }
  } else if (exponent == (TYPE)0.5) {
    for (ptrdiff_t c = 0; c < channels; c++) out[c] = (TYPE)1 / NAME(square_root)(sums[c]);
  } else if (exponent == 1) {
    for (ptrdiff_t c = 0; c < channels; c++) out[c] = (TYPE)1 / sums[c];
  } else {
    for (ptrdiff_t c = 0; c < channels; c++) out[c] = NAME(raised)(sums[c], -exponent);
  }
}

/// The length of a row with room around it, in whole cache lines.
static inline ptrdiff_t NAME(response_pitch)(const ridgeline_response *r) {
  return (r->channels + r->before + r->after + 31) / 32 * 32;
}

static void NAME(response_normalization)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale, TYPE bias,
                                         TYPE exponent, const TYPE *x, TYPE *y, TYPE *restrict scratch) {
  const ridgeline_response r = *response;
  const ptrdiff_t pitch = NAME(response_pitch)(&r);
  TYPE *padded = scratch, *sums = scratch + pitch, *factors = sums + pitch;
  for (ptrdiff_t c = 0; c < pitch; c++) padded[c] = 0;
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, x += r.channels, y += r.channels) {
    NAME(response_sums)(&r, x, scale, bias, padded, sums);
    NAME(response_factors)(r.channels, sums, exponent, factors);
    INDEPENDENT
    for (ptrdiff_t c = 0; c < r.channels; c++) y[c] = x[c] * factors[c];
  }
}

/// dx[c] = dy[c] s[c]^-e - 2 e scale x[c] * (the sum over the c' whose window holds c of dy[c'] x[c'] s[c']^(-e - 1)).
static void NAME(response_normalization_gradient)(const ridgeline_response *response, ptrdiff_t pixels, TYPE scale,
                                                  TYPE bias, TYPE exponent, const TYPE *x, const TYPE *dy, TYPE *dx,
                                                  TYPE *restrict scratch) {
  const ridgeline_response r = *response;
  const ptrdiff_t pitch = NAME(response_pitch)(&r);
  TYPE *padded = scratch, *sums = scratch + pitch, *factors = sums + pitch, *shares = factors + pitch;
  const TYPE twice = -2 * exponent * scale;
  for (ptrdiff_t c = 0; c < pitch; c++) padded[c] = shares[c] = 0;
  // A window reaches `before` channels back, so a channel is in the windows of those up to `before` ahead.
  TYPE *share = shares + r.after;
  for (ptrdiff_t pixel = 0; pixel < pixels; pixel++, x += r.channels, dy += r.channels, dx += r.channels) {
    NAME(response_sums)(&r, x, scale, bias, padded, sums);
    NAME(response_factors)(r.channels, sums, exponent, factors);
    INDEPENDENT
    for (ptrdiff_t c = 0; c < r.channels; c++) share[c] = dy[c] * x[c] * factors[c] / sums[c];
    NAME(sliding_sum)(r.channels, r.before + 1 + r.after, shares, sums);
    INDEPENDENT
    for (ptrdiff_t c = 0; c < r.channels; c++) dx[c] = dy[c] * factors[c] + twice * x[c] * sums[c];
  }
}
