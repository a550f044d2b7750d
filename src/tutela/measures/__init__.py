"""From posts to figures that can be cited: an observer gathers columns, pure functions measure (`docs/measures.md`)."""

from tutela.measures.clusters import medoid_clusters
from tutela.measures.columns import ImageSeen, Observations
from tutela.measures.errors import ObservationError
from tutela.measures.evidence import Table, evidence
from tutela.measures.observations import Observer
from tutela.measures.registry import MEASURES, measure_all
from tutela.measures.suppression import SMALLEST

__all__ = [
    "MEASURES",
    "SMALLEST",
    "ImageSeen",
    "ObservationError",
    "Observations",
    "Observer",
    "Table",
    "evidence",
    "measure_all",
    "medoid_clusters",
]
