"""What Tutela never becomes, held over its lock files and its sources for good (`SECURITY.md`)."""

import os
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

FORBIDDEN = {
    "generation or editing of images": (
        *("diffusers", "stable-diffusion", "stablediffusion", "invokeai", "comfyui", "controlnet", "kandinsky"),
        *("dalle", "imagen", "midjourney", "gfpgan", "codeformer", "realesrgan", "basicsr", "rembg", "lama-cleaner"),
        *("iopaint", "inpaint", "deepfake", "faceswap", "roop", "deepfacelab", "stylegan", "pix2pix", "cyclegan"),
        *("undress", "nudify", "deepnude", "img2img", "super-resolution", "superresolution"),
    ),
    "faces": (
        *("face-recognition", "face_recognition", "facenet", "insightface", "deepface", "retinaface", "mtcnn", "dlib"),
        *("arcface", "haarcascade", "facedetect", "mediapipe", "blazeface", "yunet", "sface"),
    ),
    "nudity": (*("nudenet", "nudity", "nsfw", "opennsfw", "private-detector", "safety-checker"),),
    "age": (*("age-estimation", "ageestimation", "agenet", "age_net", "mivolo", "age-gender", "genderage"),),
    "frameworks that exist to run such models": (
        *("torch", "torchvision", "tensorflow", "keras", "jax", "flax", "transformers", "timm", "openvino"),
        *("paddlepaddle", "mxnet", "open-clip-torch", "clip-anytorch", "ultralytics", "replicate", "openai"),
    ),
}
SOURCES = [
    path
    for folder in ("src", "bench", "tools", "scripts")
    for path in (ROOT / folder).rglob("*")
    if path.is_file() and path.suffix in {".py", ".js", ""}
]
MODELS = {".onnx", ".pt", ".pth", ".safetensors", ".ckpt", ".h5", ".tflite", ".caffemodel", ".pb", ".gguf", ".pkl"}


def locked() -> set[str]:
    """Every distribution in the lock files, normalised (PEP 503)."""
    text = "\n".join(path.read_text() for path in (ROOT / "locks").glob("*.txt"))
    return {re.sub(r"[-_.]+", "-", name).lower() for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", text, re.MULTILINE)}


@pytest.mark.parametrize("purpose", FORBIDDEN)
def test_no_such_package_is_locked(purpose: str) -> None:
    names = locked()
    assert len(names) > 20, "the lock files must have been read"
    found = {name for name in names for word in FORBIDDEN[purpose] if _means(word, name)}
    assert not found, f"{found}: Tutela has nothing to do with {purpose} (SECURITY.md)"


def test_no_source_imports_or_speaks_of_it() -> None:
    assert len(SOURCES) > 50
    assert {path.suffix for path in SOURCES} == {".py", ".js", ""}
    for path in SOURCES:
        text = path.read_text("utf-8").lower()
        for purpose, words in FORBIDDEN.items():
            spoken = [word for word in words if _speaks_of(word, text)]
            assert not spoken, f"{path.name} speaks of {spoken}: Tutela has nothing to do with {purpose} (SECURITY.md)"


def _speaks_of(word: str, text: str) -> bool:
    return word in text and re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", text) is not None


def test_no_model_weights_lie_in_the_repository() -> None:
    skipped = {".venv", ".git", "node_modules", "demo-data", "demo-report"}
    seen = 0
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in skipped]
        for path in (Path(folder, name) for name in [*folders, *names]):
            seen += 1
            if path.suffix.lower() in MODELS:
                pytest.fail(f"{path.relative_to(ROOT)}: Tutela brings no network")
    assert seen > len(SOURCES), "the repository must have been walked"


def test_the_rule_is_written_where_people_look() -> None:
    text = (ROOT / "SECURITY.md").read_text("utf-8")
    for word in ("generat", "face", "nudity", r"age\b", "search for a person", "imagery"):
        assert re.search(rf"\b{word}", text), word


def test_the_guard_itself_catches_what_it_is_for() -> None:
    assert _means("face-recognition", "face-recognition-models")
    assert _means("torch", "torch")
    assert not _means("jax", "ajaxian")
    assert _speaks_of("face_recognition", 'import x from "face_recognition"')
    assert not _speaks_of("roop", "trooper")


def _means(word: str, name: str) -> bool:
    return re.search(rf"(^|-){re.escape(re.sub(r'[-_.]+', '-', word))}($|-)", name) is not None


def test_every_dependency_is_declared_with_a_lowest_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert all(re.search(r">=\d", dependency) for dependency in project["dependencies"])
