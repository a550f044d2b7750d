"""The peers of the derived tier, each asked in the same way: greyscale in, a score for one query and one protected
picture out. All of them run on one thread and give the same score each time.

- *PDQ*: the near tier's hash of the whole picture, within the usual 31 bits, in the query's eight orientations.
- *SIFT + TEBLID*, *ORB + TEBLID*: what one would build from OpenCV: key points, codes of 256 bits (Suárez, Buenaposada
  and Baumela, "Revisiting Binary Local Image Description for Resource Limited Devices", 2021), and RANSAC for a
  similarity. The query is tried mirrored, too, for the codes do not survive that; quarter turns they do.
- *perception*: the local descriptors of Thorn's package `perception` (Apache-2.0), written anew after version 0.9.3 of
  its `local_descriptor_deduplication.py` with its default parameters, among them an overlap of 60 %: its `SIFT` hasher,
  the coarse choice of candidates (exhaustive, where the package visits one list of a faiss index) and `validate_match`.
  The package is not used itself: it wants OpenCV 4, and with it pandas and faiss. It sees luma here, not its own grey.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from tutela.fingerprints.pdq import pdq

Luma = NDArray[np.uint8]
Floats = NDArray[np.float32]


def opencv() -> Any:
    """The module, on one thread, with its generator of random numbers at the beginning."""
    try:
        import cv2 as module
    except ImportError as error:
        raise SystemExit("derived.py: the peers are missing: pip install opencv-contrib-python-headless") from error
    module.setNumThreads(1)
    module.setRNGSeed(0)
    return module


class Peer(Protocol):
    """A way to tell whether a picture was made from a protected one."""

    name: str

    def describe(self, luma: Luma) -> object:
        """All that `score` needs of a picture, as query and as protected one; uint8 of shape (rows, columns)."""

    def score(self, query: object, protected: object) -> float:
        """From two results of `describe`: 0 for nothing, higher is surer."""


class WholePicture:
    """PDQ. The score is 32 at distance 0 and 1 at distance 31."""

    name = "PDQ"

    def describe(self, luma: Luma) -> object:
        return np.frombuffer(pdq(luma, *luma.shape).codes, np.uint8).reshape(8, 32)

    def score(self, query: object, protected: object) -> float:
        assert isinstance(query, np.ndarray) and isinstance(protected, np.ndarray)
        return float(max(0, 32 - np.bitwise_count(query ^ protected[0]).sum(axis=1, dtype=int).min()))


@dataclass(frozen=True)
class Points:
    """Places in pixels, (n, 2), and codes, (n, 32)."""

    places: Floats
    codes: NDArray[np.uint8]


@dataclass(frozen=True)
class Described:
    """A picture in its three parts: those of a query as it is and mirrored, and those of a protected picture."""

    queries: tuple[Points, Points]
    protected: Points


@dataclass
class Teblid:
    """Key points of one kind with TEBLID codes. The score is the number of places that one similarity explains."""

    name: str
    detector: str
    window: float
    distance: int = 90
    """Bits by which the codes of a match may differ."""
    ratio: float = 0.8
    """The nearest code must be nearer than this share of the distance of the next."""
    tolerance: float = 3.0
    """Pixels of the query, between a place and where the similarity puts it."""

    LONGEST = 1280
    """Larger pictures are made as small, as they would be by anyone who pays for the time."""
    QUERY, PROTECTED, GRID = 1000, 300, 8
    SMALLEST, LARGEST = 0.12, 3.0
    """Pixels of the query for each of the protected picture."""

    def describe(self, luma: Luma) -> object:
        luma = _at_most(luma, self.LONGEST)
        cv2 = opencv()
        detector = cv2.SIFT_create() if self.detector == "SIFT" else cv2.ORB_create(8000, fastThreshold=8)
        points = _spread(detector.detect(luma, None), luma.shape, self.GRID)[: self.QUERY]
        mirrored = [_mirrored(point, luma.shape[1]) for point in points]
        queries = self._coded(luma, points), self._coded(np.ascontiguousarray(luma[:, ::-1]), mirrored)
        return Described(queries, self._coded(luma, points[: self.PROTECTED]))

    def score(self, query: object, protected: object) -> float:
        assert isinstance(query, Described) and isinstance(protected, Described)
        return float(max(self._explained(points, protected.protected) for points in query.queries))

    def _coded(self, luma: Luma, points: list[Any]) -> Points:
        cv2 = opencv()
        teblid = cv2.xfeatures2d.TEBLID_create(self.window, cv2.xfeatures2d.TEBLID_SIZE_256_BITS)
        kept, codes = teblid.compute(luma, points) if points else ([], None)
        places = np.array([point.pt for point in kept], np.float32).reshape(-1, 2)
        return Points(places, np.zeros((0, 32), np.uint8) if codes is None else codes)

    def _explained(self, query: Points, protected: Points) -> int:
        if len(protected.codes) < 2 or not len(query.codes):
            return 0
        cv2 = opencv()
        far, nearest = cv2.batchDistance(query.codes, protected.codes, cv2.CV_32S, normType=cv2.NORM_HAMMING, K=2)
        good = (far[:, 0] <= self.distance) & (far[:, 0] < self.ratio * far[:, 1])
        if good.sum() < 2:
            return 0
        there, here = protected.places[nearest[good, 0]], query.places[good]
        found, inliers = cv2.estimateAffinePartial2D(
            there, here, method=cv2.RANSAC, ransacReprojThreshold=self.tolerance, maxIters=2000, confidence=0.995
        )
        if found is None or not self.SMALLEST <= np.hypot(found[0, 0], found[1, 0]) <= self.LARGEST:
            return 0
        explained = inliers[:, 0] > 0
        return min(len(np.unique(np.rint(places[explained]), axis=0)) for places in (there, here))


@dataclass(frozen=True)
class Local:
    """What `perception` keeps of a picture: places, SIFT descriptors and (width, height); none with too few."""

    places: Floats
    descriptors: Floats
    size: tuple[int, int]


class Perception:
    """The score is the number of inliers where the package calls the pair a match, otherwise 0."""

    name = "perception"
    max_features, min_features, max_size = 256, 10, 256
    threshold, overlap = 100.0, 0.01
    match, intersection, inliers = 0.4, 0.6, 5
    ratio = 0.5
    """Of squared distances, which is what faiss returns: 0.71 of the distances."""

    def describe(self, luma: Luma) -> object:
        bare = _unletterboxed(luma)
        if bare is None:
            return None
        height, width = bare.shape
        shrink = self.max_size / max(height, width)
        if shrink < 1:
            bare = opencv().resize(bare, (int(width * shrink), int(height * shrink)))
        points, descriptors = opencv().SIFT_create(nfeatures=self.max_features).detectAndCompute(bare, None)
        if descriptors is None or len(descriptors) < self.min_features:
            return None
        return Local(np.array([point.pt for point in points], np.float32), descriptors, (bare.shape[1], bare.shape[0]))

    def score(self, query: object, protected: object) -> float:
        if not isinstance(query, Local) or not isinstance(protected, Local):
            return 0.0
        a, b = (protected, query) if len(query.places) < len(protected.places) else (query, protected)
        squares_a, squares_b = ((each.descriptors**2).sum(axis=1) for each in (a, b))
        far = squares_a[:, None] + squares_b - 2 * a.descriptors @ b.descriptors.T  # exact: SIFT's values are whole
        near = far < self.threshold**2
        if min(near.any(axis=1).mean(), near.any(axis=0).mean()) < self.overlap:
            return 0.0
        good_a, good_b = (np.partition(table, 1, axis=1)[:, :2] for table in (far, far.T))
        passed_a, passed_b = (pair[:, 0] < pair[:, 1] * self.ratio for pair in (good_a, good_b))
        there = far.argmin(axis=1)[passed_a]
        if min(passed_a.mean(), passed_b.mean()) < self.match or len(there) < 4:
            return 0.0
        matched_a, matched_b = a.places[passed_a], b.places[there]
        if min(_area(matched_a) / _area(a.places), _area(matched_b) / _area(b.places)) < self.intersection:
            return 0.0
        return self._validated(a.size, b.size, matched_a, matched_b)

    def _validated(self, size_a: tuple[int, int], size_b: tuple[int, int], a: Floats, b: Floats) -> float:
        cv2 = opencv()
        forth, inliers = cv2.findHomography(a, b, cv2.RANSAC, 1.0, maxIters=50_000, confidence=0.9999)
        if forth is None or inliers.sum() < self.inliers:
            return 0.0
        exists, back = cv2.invert(forth)
        for source, target, way in ((size_a, size_b, forth), (size_b, size_a, back)):
            corners = cv2.perspectiveTransform(np.array([[(0, 0)], [source]], np.float32), way)[:, 0].clip(0, target)
            if not exists or abs(np.prod(corners[1] - corners[0]) / np.prod(target)) < self.intersection:
                return 0.0
        return float(inliers.sum())


PEERS: tuple[Peer, ...] = (
    WholePicture(),
    Teblid("SIFT + TEBLID", "SIFT", 6.75),
    Teblid("ORB + TEBLID", "ORB", 1.0),
    Perception(),
)


def _at_most(luma: Luma, longest: int) -> Luma:
    if max(luma.shape) <= longest:
        return np.ascontiguousarray(luma)
    height, width = (max(1, side * longest // max(luma.shape)) for side in luma.shape)
    return np.asarray(opencv().resize(luma, (width, height), interpolation=opencv().INTER_AREA), np.uint8)


def _spread(points: Sequence[Any], shape: tuple[int, ...], grid: int) -> list[Any]:
    """The strongest point of each cell of the picture, then the second of each, and so on."""
    seen: Counter[tuple[int, int]] = Counter()
    rounds = []
    for point in sorted(points, key=lambda point: -point.response):
        cell = (int(point.pt[0] * grid / shape[1]), int(point.pt[1] * grid / shape[0]))
        rounds.append((seen[cell], point))
        seen[cell] += 1
    return [point for _, point in sorted(rounds, key=lambda item: item[0])]


def _mirrored(point: Any, width: int) -> Any:
    (x, y), angle = point.pt, (180 - point.angle) % 360
    return opencv().KeyPoint(width - 1 - x, y, point.size, angle, point.response, point.octave, point.class_id)


def _area(places: Floats) -> float:
    return float(max(1e-9, np.prod(places.max(axis=0) - places.min(axis=0))))


def _unletterboxed(luma: Luma) -> Luma | None:
    """`unletterbox` of the package: the picture without a border in one colour, None if little is left of it."""
    corners = [int(luma[y, x]) for y in (0, -1) for x in (0, -1)]
    content = np.abs(luma.astype(np.int16) - max(corners, key=corners.count)) > 2
    if len(set(corners)) == 4 or content.all():
        return np.ascontiguousarray(luma)
    rows = np.flatnonzero(content.sum(axis=1) > 0.1 * luma.shape[1])
    columns = np.flatnonzero(content.sum(axis=0) > 0.1 * luma.shape[0])
    if not len(rows) or not len(columns):
        return None
    bare = luma[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    if all(now >= 0.98 * was for now, was in zip(bare.shape, luma.shape, strict=True)):
        return np.ascontiguousarray(luma)
    return np.ascontiguousarray(bare) if min(bare.shape) >= 50 else None
