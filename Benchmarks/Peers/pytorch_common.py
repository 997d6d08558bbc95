"""What the PyTorch benchmarks share: flags, the ways to run a training step, and the choice of the fastest.

Every way computes the same step (forward, mean cross-entropy, backward, momentum SGD in place); they differ in what
PyTorch compiles. A benchmark tries each for a moment and measures the fastest, so that the peer is at its best.
"""

import argparse
import platform
import statistics
import time
import warnings
from collections.abc import Callable

import torch
from torch import nn
from torch.nn import functional

Step = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def parser(description: str) -> argparse.ArgumentParser:
    """The flags every benchmark has."""
    result = argparse.ArgumentParser(description=description)
    result.add_argument("--threads", type=int, default=2)
    result.add_argument("--seed", type=int, default=1)
    result.add_argument("--way", choices=["best", *WAYS], default="best", help="how a step runs (default: the fastest)")
    return result


def prepare(arguments: argparse.Namespace) -> None:
    """Sets threads and seed; denormals are flushed, which costs nothing and spares slow arithmetic near zero."""
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    warnings.filterwarnings("ignore")


def environment() -> dict:
    """Versions and threads, for the JSON."""
    return {
        "torch": torch.__version__,
        "python": platform.python_version(),
        "threads": torch.get_num_threads(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }


def eager(network: nn.Module, rate: float, momentum: float, decay: float = 0) -> Step:
    """PyTorch as usually written, with the fused optimizer."""
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=momentum, weight_decay=decay, fused=True)

    def step(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = functional.cross_entropy(network(inputs), labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def compiled(network: nn.Module, rate: float, momentum: float, decay: float = 0) -> Step:
    """Forward and backward through torch.compile, the fused optimizer after them."""
    optimizer = torch.optim.SGD(network.parameters(), lr=rate, momentum=momentum, weight_decay=decay, fused=True)
    cost = torch.compile(lambda inputs, labels: functional.cross_entropy(network(inputs), labels))

    def step(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        optimizer.zero_grad(set_to_none=True)
        loss = cost(inputs, labels)
        loss.backward()
        optimizer.step()
        return loss.detach()

    return step


def compiled_whole(network: nn.Module, rate: float, momentum: float, decay: float = 0) -> Step:
    """The whole step, optimizer included, as one compiled graph."""
    parameters = dict(network.named_parameters())
    velocities = {name: torch.zeros_like(value) for name, value in parameters.items()}
    storage = {name: value.detach() for name, value in parameters.items()}

    def cost(values, inputs, labels):
        return functional.cross_entropy(torch.func.functional_call(network, values, (inputs,)), labels)

    @torch.compile
    def step(inputs, labels):
        gradients, loss = torch.func.grad_and_value(cost)(storage, inputs, labels)
        for name, gradient in gradients.items():
            if decay:
                gradient = gradient + decay * storage[name]
            if momentum:
                velocities[name].mul_(momentum).add_(gradient)
                gradient = velocities[name]
            storage[name].sub_(rate * gradient)
        return loss

    return step


WAYS = {"eager": eager, "compiled": compiled, "compiled_whole": compiled_whole}


def inference(run: Callable) -> Step:
    """Logits and the loss, without anything that gradients would need."""

    def step(inputs: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        with torch.inference_mode():
            return functional.cross_entropy(run(inputs), labels)

    return step


INFERENCE_WAYS = {"eager": inference, "compiled": lambda network: inference(torch.compile(network))}


def milliseconds(step: Step, batches: list[tuple[torch.Tensor, torch.Tensor]], steps: int) -> list[float]:
    """The time of each of `steps` steps over `batches` in turn."""
    times = []
    for index in range(steps):
        inputs, labels = batches[index % len(batches)]
        start = time.perf_counter()
        step(inputs, labels)
        times.append(1e3 * (time.perf_counter() - start))
    return times


def fastest(
    makers: dict[str, Callable[[], Step]], batches: list[tuple[torch.Tensor, torch.Tensor]], steps: int = 200
) -> tuple[str, dict[str, float | str]]:
    """The name of the fastest of `makers`, with the median milliseconds a step of each (or why it failed)."""
    trials: dict[str, float | str] = {}
    for name, make in makers.items():
        try:
            step = make()
            milliseconds(step, batches, min(steps, 20))
            trials[name] = round(statistics.median(milliseconds(step, batches, steps)), 4)
        except Exception as error:  # a missing C++ compiler, an operation inductor cannot lower: other ways remain
            trials[name] = f"failed: {type(error).__name__}: {str(error).splitlines()[0][:200]}"
    timed = {name: value for name, value in trials.items() if isinstance(value, float)}
    if not timed:
        raise SystemExit(f"no way to run the step works: {trials}")
    return min(timed, key=timed.get), trials
