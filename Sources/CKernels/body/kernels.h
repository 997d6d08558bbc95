// All kernels of one type and level, and the table that holds them.
#include "elementwise.h"
#include "movement.h"
#include "random.h"
#include "reductions.h"
#include "softmax.h"

const TABLE NAME(kernels) = {
    .elementwise = NAME(elementwise),
    .broadcast_copy = NAME(broadcast_copy),
    .sum_rows = NAME(sum_rows),
    .max_rows = NAME(max_rows),
    .sum_columns = NAME(sum_columns),
    .max_columns = NAME(max_columns),
    .dot = NAME(dot),
    .sum_of_squares = NAME(sum_of_squares),
    .softmax_rows = NAME(softmax_rows),
    .log_softmax_rows = NAME(log_softmax_rows),
    .softmax_cross_entropy_rows = NAME(softmax_cross_entropy_rows),
    .philox_uniform = NAME(philox_uniform),
    .dropout = NAME(dropout),
};
