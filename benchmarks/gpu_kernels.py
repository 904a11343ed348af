"""What runs on the GPU while its energy is read: PyTorch kernels of known work, one library call each.

Data are random, because the energy of an operation depends on how many bits flip: zeros would flatter every figure.
PyTorch is handed in by whoever builds a kernel, so that this module can be read without it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from benchmarks.gpu_counter import Launch

MIB: Final = 2**20
SIZE: Final = 8192
"""Rows and columns of the matrices: their product takes about a millisecond at 16 bits and reads each value often."""
SIZE_FP64: Final = 4096
"""Smaller, because most boards have a sixty-fourth of the units at 64 bits."""
DECODE_LAYERS: Final = 16
"""Matrices of 128 MiB in a row, so that none is still in a cache when its turn comes again."""
DECODE_BATCHES: Final = (1, 2, 4, 8, 16, 32, 64, 128, 256)
COPY_MIB: Final = (16, 32, 64, 256, 1024, 4096)
READ_MIB: Final = (1, 4, 16, 32, 64, 256, 1024, 4096)
CACHED_READ_MIB: Final = 32
"""Up to here one launch reads the working set again and again; beyond, rows read side by side would share fetches."""
LARGEST_GRAPH_MIB: Final = 1024


@dataclass(frozen=True)
class Kernel:
    """One launch: what it is called, what work it does, and how to make it.

    ``flop`` and ``moved_bytes`` are per launch; 0 where they are not what the kernel is measured for.
    """

    key: str
    what: str
    number_format: str
    weight_bits: int
    build: Callable[[Any, str], Launch] | None
    flop: float = 0.0
    moved_bytes: float = 0.0
    batch: int | None = None
    working_set_mib: int | None = None


def all_kernels() -> tuple[Kernel, ...]:
    """Give every kernel, idle first."""
    return (IDLE, *_products(), *_copies(), *_reads(), *_decodes())


IDLE: Final = Kernel("idle", "nothing queued, CUDA context open", "", 0, None)


def _products() -> list[Kernel]:
    formats = {"fp64": 64, "fp32": 32, "tf32": 32, "bf16": 16, "fp8": 8, "int8": 8}
    products = []
    for name, bits in formats.items():
        size = SIZE_FP64 if name == "fp64" else SIZE
        products.append(
            Kernel(
                key=f"matmul-{name}",
                what=f"dense matrix product, {size} cubed, random values",
                number_format=name,
                weight_bits=bits,
                build=partial(dense, number_format=name, size=size),
                flop=2.0 * size**3,
            )
        )
    for name in ("bf16", "fp8", "int8"):
        products.append(
            Kernel(
                key=f"matmul-{name}-2:4",
                what=f"2:4 sparse matrix product, {SIZE} cubed, random values; FLOP of the dense product it stands for",
                number_format=f"{name} 2:4",
                weight_bits=formats[name],
                build=partial(sparse, number_format=name, size=SIZE),
                flop=2.0 * SIZE**3,
            )
        )
    return products


def _copies() -> list[Kernel]:
    copies = []
    for mib in COPY_MIB:
        in_graph = max(1, LARGEST_GRAPH_MIB // mib)
        copies.append(
            Kernel(
                key=f"copy-{mib}MiB",
                what=f"streaming copy with the sign changed, working set {mib} MiB, read and write",
                number_format="fp32",
                weight_bits=32,
                build=partial(copy, size_bytes=mib * MIB // 2, copies=in_graph),
                moved_bytes=float(in_graph * mib * MIB),
                working_set_mib=mib,
            )
        )
    return copies


def _reads() -> list[Kernel]:
    reads = []
    for mib in READ_MIB:
        rows = max(1, 256 // mib) if mib <= CACHED_READ_MIB else 1
        reads.append(
            Kernel(
                key=f"read-{mib}MiB",
                what=f"streaming read and sum, working set {mib} MiB, {rows} times per launch",
                number_format="fp32",
                weight_bits=32,
                build=partial(read, size_bytes=mib * MIB, rows=rows),
                moved_bytes=float(rows * mib * MIB),
                working_set_mib=mib,
            )
        )
    return reads


def _decodes() -> list[Kernel]:
    return [
        Kernel(
            key=f"decode-{batch}",
            what=f"decode-shaped product, {DECODE_LAYERS} matrices of {SIZE} squared times a batch of {batch}",
            number_format="bf16",
            weight_bits=16,
            build=partial(decode, batch=batch, size=SIZE, layers=DECODE_LAYERS),
            flop=2.0 * batch * SIZE**2 * DECODE_LAYERS,
            moved_bytes=2.0 * (SIZE**2 + 2 * batch * SIZE) * DECODE_LAYERS,
            batch=batch,
        )
        for batch in DECODE_BATCHES
    ]


def dense(torch: Any, device: str, number_format: str, size: int) -> Launch:
    """Make a dense product of two square matrices."""
    left, right = (_matrix(torch, device, number_format, size) for _ in range(2))
    if number_format == "int8":
        return lambda: torch._int_mm(left, right.t())
    if number_format == "fp8":
        return _scaled(torch, left, right)
    # FP32 and TF32 are one type; this setting, not the type, says which units compute.
    torch.set_float32_matmul_precision("high" if number_format == "tf32" else "highest")
    product = torch.empty(size, size, dtype=left.dtype, device=device)
    return lambda: torch.mm(left, right.t(), out=product)


def sparse(torch: Any, device: str, number_format: str, size: int) -> Launch:
    """Make a product whose left matrix holds two values in every four."""
    kept = torch.rand(size * size // 4, 4, device=device).topk(2, dim=1).indices
    mask = torch.zeros(size * size // 4, 4, dtype=torch.bool, device=device).scatter_(1, kept, True).view(size, size)
    values = _matrix(torch, device, "bf16" if number_format == "fp8" else number_format, size)
    pruned = (values * mask).to(_type(torch, number_format))
    left = torch.sparse.to_sparse_semi_structured(pruned)
    right = _matrix(torch, device, number_format, size)
    if number_format == "fp8":
        return _scaled(torch, left, right)
    return lambda: torch.mm(left, right.t())


def _scaled(torch: Any, left: Any, right: Any) -> Launch:
    scale = torch.ones((), dtype=torch.float32, device=right.device)
    return lambda: torch._scaled_mm(left, right.t(), scale_a=scale, scale_b=scale, out_dtype=torch.bfloat16)


def _type(torch: Any, number_format: str) -> Any:
    names = {"fp64": "float64", "fp32": "float32", "tf32": "float32", "bf16": "bfloat16", "fp8": "float8_e4m3fn"}
    return getattr(torch, names.get(number_format, number_format))


def _matrix(torch: Any, device: str, number_format: str, size: int) -> Any:
    if number_format == "int8":
        return torch.randint(-127, 128, (size, size), dtype=torch.int8, device=device)
    drawn = torch.bfloat16 if number_format == "fp8" else _type(torch, number_format)
    return torch.randn(size, size, dtype=drawn, device=device).to(_type(torch, number_format))


def copy(torch: Any, device: str, size_bytes: int, copies: int) -> Launch:
    """Make copies of one buffer into another, recorded as one graph: a launch each would outlast a small copy.

    The sign changes on the way, so that the processors copy and not the copy engine, whose energy is another.
    """
    source = torch.randn(size_bytes // 4, dtype=torch.float32, device=device)
    target = torch.empty_like(source)
    torch.neg(source, out=target)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for _ in range(copies):
            torch.neg(source, out=target)
    # The graph knows addresses only; the buffers must live as long as it does.
    kept = (graph, source, target)
    return lambda: kept[0].replay()


def read(torch: Any, device: str, size_bytes: int, rows: int) -> Launch:
    """Make a sum over one buffer, seen as that many equal rows."""
    source = torch.randn(size_bytes // 4, dtype=torch.float32, device=device).expand(rows, -1)
    sums = torch.empty(rows, dtype=torch.float32, device=device)
    return lambda: torch.sum(source, dim=1, out=sums)


def decode(torch: Any, device: str, batch: int, size: int, layers: int) -> Launch:
    """Make one pass of a batch of vectors over matrices that no cache holds."""
    weights = torch.randn(layers, size, size, dtype=torch.bfloat16, device=device)
    vectors = torch.randn(batch, size, dtype=torch.bfloat16, device=device)
    products = torch.empty(batch, size, dtype=torch.bfloat16, device=device)

    def launch() -> None:
        for weight in weights:
            torch.mm(vectors, weight.t(), out=products)

    return launch
