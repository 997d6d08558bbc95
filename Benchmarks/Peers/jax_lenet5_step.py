"""Times a training step of LeNet-5 in JAX, compiled as a whole, on random data and prints one JSON object.

The network, the optimizer and the layout (NHWC) of `ridgeline train lenet5 --variant modern`; parameters and velocities are
donated, so that the compiled step may change them in place.
"""

import argparse
import json
import os
import resource
import statistics
import time


def main() -> None:
    flags = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    flags.add_argument("--batch", type=int, default=64)
    flags.add_argument("--steps", type=int, default=500)
    flags.add_argument("--threads", type=int, default=2)
    flags.add_argument("--seed", type=int, default=1)
    arguments = flags.parse_args()
    # XLA's own pool has a thread for each processor that the process may use.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: arguments.threads])
    import jax
    from jax import numpy as jnp

    rate, momentum = 0.01, 0.9
    key = jax.random.key(arguments.seed)

    def glorot(shape: tuple[int, ...]) -> jax.Array:
        nonlocal key
        key, own = jax.random.split(key)
        window = 1 if len(shape) == 2 else shape[0] * shape[1]
        limit = (6 / (window * (shape[-2] + shape[-1]))) ** 0.5
        return jax.random.uniform(own, shape, minval=-limit, maxval=limit)

    shapes = [(5, 5, 1, 6), (5, 5, 6, 16), (400, 120), (120, 84), (84, 10)]
    parameters = [(glorot(shape), jnp.zeros(shape[-1])) for shape in shapes]

    def convolution(inputs, kernel, padding):
        return jax.lax.conv_general_dilated(inputs, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC"))

    def pooled(values):
        return jax.lax.reduce_window(values, 0.0, jax.lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID") / 4

    def cost(parameters, images, labels):
        values = images
        for index, padding in enumerate(["SAME", "VALID"]):
            kernel, bias = parameters[index]
            values = pooled(jnp.tanh(convolution(values, kernel, padding) + bias))
        values = values.reshape(values.shape[0], -1)
        for kernel, bias in parameters[2:-1]:
            values = jnp.tanh(values @ kernel + bias)
        logits = values @ parameters[-1][0] + parameters[-1][1]
        return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(logits), labels[:, None], axis=1))

    def step(parameters, velocities, images, labels):
        loss, gradients = jax.value_and_grad(cost)(parameters, images, labels)
        velocities = jax.tree.map(lambda velocity, gradient: momentum * velocity + gradient, velocities, gradients)
        return jax.tree.map(lambda value, velocity: value - rate * velocity, parameters, velocities), velocities, loss

    step = jax.jit(step, donate_argnums=(0, 1))
    velocities = jax.tree.map(jnp.zeros_like, parameters)
    images = jax.random.normal(key, (16, arguments.batch, 28, 28, 1))
    labels = jax.random.randint(key, (16, arguments.batch), 0, 10)
    data = [(images[index], labels[index]) for index in range(16)]
    times = []
    for index in range(-20, arguments.steps):
        start = time.perf_counter()
        parameters, velocities, loss = step(parameters, velocities, *data[index % 16])
        jax.block_until_ready(loss)
        if index >= 0:
            times.append(1e3 * (time.perf_counter() - start))
    print(json.dumps({
        "benchmark": "lenet5_step", "batch": arguments.batch, "steps": arguments.steps,
        "median_ms": statistics.median(times), "min_ms": min(times), "loss": float(loss),
        "peak_rss_bytes": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
        "environment": {"jax": jax.__version__, "threads": arguments.threads},
    }))


if __name__ == "__main__":
    main()
