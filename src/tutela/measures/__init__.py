"""From posts to figures that can be cited: an observer gathers columns, pure functions measure (`docs/measures.md`)."""

from tutela.measures.block import Block, Columns, Pictures, not_included, pack, pictures, unpack
from tutela.measures.clusters import medoid_clusters
from tutela.measures.columns import ImageSeen, Observations
from tutela.measures.digest import digest
from tutela.measures.errors import ObservationError
from tutela.measures.evidence import Table, evidence
from tutela.measures.observations import Observer
from tutela.measures.registry import MEASURES, measure_all
from tutela.measures.suppression import SMALLEST

__all__ = [
    "MEASURES",
    "SMALLEST",
    "Block",
    "Columns",
    "ImageSeen",
    "ObservationError",
    "Observations",
    "Observer",
    "Pictures",
    "Table",
    "digest",
    "evidence",
    "measure_all",
    "medoid_clusters",
    "not_included",
    "pack",
    "pictures",
    "unpack",
]
