// All kernels of one type and level, and the table that holds them.
#include "vectors.h"
#include "hyperbolic_tangents.h"
#include "elementwise.h"
#include "lowering.h"
#include "pieces.h"
#include "register_blocks.h"
#include "transpose.h"
#include "lane_sums.h"
#include "single_channel.h"
#include "direct_convolution.h"
#include "row_winograd.h"
#include "interleaved_products.h"
#include "tall_winograd.h"
#include "interleaved_convolution.h"
#include "interleaved_kernel_gradient.h"
#include "product_block.h"
#include "panel_product.h"
#include "winograd_lines.h"
#include "winograd_long_lines.h"
#include "tile_winograd.h"
#include "streamed_product.h"
#include "weight_change.h"
#include "dotted_product.h"
#include "weight_update.h"
#include "backward_product.h"
#include "cached_product.h"
#include "multiply_adds.h"
#include "movement.h"
#include "random.h"
#include "reductions.h"
#include "pooling.h"
#include "disjoint_pooling.h"
#include "max_pooling.h"
#include "average_pooling.h"
#include "inverse_powers.h"
#include "response_normalization.h"
#include "rows.h"
#include "softmax.h"

const TABLE NAME(kernels) = {
    .elementwise = NAME(elementwise),
    .broadcast_copy = NAME(broadcast_copy),
    .gather_rows = NAME(gather_rows),
    .scatter_add_rows = NAME(scatter_add_rows),
    .one_hot = NAME(one_hot),
    .image_to_columns = NAME(image_to_columns),
    .columns_to_image = NAME(columns_to_image),
    .direct_convolution = NAME(direct_convolution),
    .direct_kernel_gradient = NAME(direct_kernel_gradient),
    .direct_input_gradient = NAME(direct_input_gradient),
    .row_winograd_convolution = NAME(row_winograd_convolution),
    .row_winograd_kernel_gradient = NAME(row_winograd_kernel_gradient),
    .interleaved_images = NAME(width),
    .interleave = NAME(interleave),
    .separate = NAME(separate),
    .interleaved_convolution = NAME(interleaved_convolution),
    .interleaved_kernel_gradient = NAME(interleaved_kernel_gradient),
    .interleaved_kernel_gradient_rows = NAME(interleaved_kernel_gradient_rows),
    .interleaved_product = NAME(interleaved_product),
    .add_interleaved_sums = NAME(add_interleaved_sums),
    .interleaved_input_gradient = NAME(interleaved_input_gradient),
    .tile_points = NAME(tile_points),
    .tile_kernel_points = NAME(tile_kernel_points),
    .tile_turned_kernel_points = NAME(tile_turned_kernel_points),
    .tile_outputs = NAME(tile_outputs),
    .tile_gradient_points = NAME(tile_gradient_points),
    .tile_kernel_gradient = NAME(tile_kernel_gradient),
    .streamed_product = NAME(streamed_product),
    .cached_product = NAME(cached_product),
    .panel_columns = NAME(panel_columns),
    .panel_product = NAME(panel_product),
    .dotted_product = NAME(dotted_product),
    .backward_product = NAME(backward_product),
    .max_pooling = NAME(max_pooling),
    .max_pooling_gradient = NAME(max_pooling_gradient),
    .max_pooling_gather = NAME(max_pooling_gather),
    .max_pooling_places = NAME(max_pooling_places),
    .average_pooling = NAME(average_pooling),
    .average_pooling_gradient = NAME(average_pooling_gradient),
    .response_normalization = NAME(response_normalization),
    .response_normalization_gradient = NAME(response_normalization_gradient),
    .sum_rows = NAME(sum_rows),
    .max_rows = NAME(max_rows),
    .sum_columns = NAME(sum_columns),
    .add_compensated = NAME(add_compensated),
    .max_columns = NAME(max_columns),
    .dot = NAME(dot),
    .sum_of_squares = NAME(sum_of_squares),
    .softmax_rows = NAME(softmax_rows),
    .log_softmax_rows = NAME(log_softmax_rows),
    .softmax_cross_entropy_rows = NAME(softmax_cross_entropy_rows),
    .register_multiply_adds = NAME(register_multiply_adds),
    .philox_uniform = NAME(philox_uniform),
    .dropout = NAME(dropout),
};
