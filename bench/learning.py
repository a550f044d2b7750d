"""Weights learned from examples, each a few rows of what is seen: logistic regression for any number of answers.

By Adam (Kingma & Ba, ICLR 2015) over examples of which each time a third of what is seen is hidden: so what is said in
several ways is learned by each of them (Wager, Wang & Liang, NeurIPS 2013). The mean of several fits is taken.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from tutela.texts.weighing.odds import Feature

SEEN = 3
"""Rows that a feature must stand in."""

LEAST = 5
"""Features whose weights are all nearer to 0, in hundredths of a nat, are left out."""

HIDDEN, ROUNDS, AT_ONCE, STEP = 0.35, 20, 64, 0.002
"""Share of what is seen that is hidden; how often all examples are gone through, so many at a time; the first step in
nats, which falls to 0."""

Scores = NDArray[np.float32]
Weights = dict[Feature, tuple[int, ...]]
"""For each answer, in hundredths."""


class Example(NamedTuple):
    """Rows of what is seen, and which choice is right; a row may stand for one choice or for several (`slopes`)."""

    rows: Sequence[frozenset[Feature]]
    right: int


Slopes = Callable[[Example, Scores], Scores]
"""How the loss grows with each score of an example (rows by answers): the odds of choices, less 1 for the right one."""


def fitted(examples: Sequence[Example], answers: int, slopes: Slopes, seeds: int) -> Weights:
    """Weights by feature."""
    often = Counter(feature for example in examples for row in example.rows for feature in row)
    names = sorted(name for name, count in often.items() if count >= SEEN)
    shown = _matrix([row for example in examples for row in example.rows], names)
    means = np.mean([_learned(shown, examples, answers, slopes, seed) for seed in range(seeds)], axis=0)
    hundredths = np.rint(means * 100).astype(int)
    return {
        name: tuple(map(int, row)) for name, row in zip(names, hundredths, strict=True) if np.abs(row).max() >= LEAST
    }


def softmax(scores: Scores) -> Scores:
    """Probabilities of choices."""
    odds: Scores = np.exp(scores - scores.max())
    odds /= odds.sum()
    return odds


def _matrix(rows: Sequence[frozenset[Feature]], names: Sequence[Feature]) -> csr_matrix:
    """1 where a row shows a feature (column)."""
    column = {name: place for place, name in enumerate(names)}
    shown = [sorted(column[name] for name in row if name in column) for row in rows]
    begins = np.cumsum([0, *map(len, shown)])
    columns = np.concatenate([np.array(each, np.int32) for each in shown])
    return csr_matrix((np.ones(len(columns), np.float32), columns, begins), (len(rows), len(names)))


def _learned(shown: csr_matrix, examples: Sequence[Example], answers: int, slopes: Slopes, seed: int) -> Scores:
    """The weights of the columns for each answer."""
    chance = np.random.default_rng(seed)
    begins = np.cumsum([0, *(len(example.rows) for example in examples)])
    weights, mean, square = (np.zeros((shown.shape[1], answers), np.float32) for _ in range(3))
    done = 0
    for turn in range(ROUNDS):
        order, step = chance.permutation(len(examples)), STEP * (1 - turn / ROUNDS)
        for begin in range(0, len(examples), AT_ONCE):
            picked = order[begin : begin + AT_ONCE]
            some = shown[np.concatenate([np.arange(begins[each], begins[each + 1]) for each in picked])]
            some.data = some.data * (chance.random(len(some.data), np.float32) > HIDDEN) / np.float32(1 - HIDDEN)
            bounds = np.cumsum([len(examples[each].rows) for each in picked])[:-1]
            parts = zip((examples[each] for each in picked), np.split(some @ weights, bounds), strict=True)
            slope = some.T @ (np.concatenate([slopes(*part) for part in parts]) / np.float32(len(picked)))
            done += 1
            mean += 0.1 * (slope - mean)
            square += 0.001 * (slope * slope - square)
            weights -= step * (mean / (1 - 0.9**done)) / (np.sqrt(square / (1 - 0.999**done)) + 1e-8)
    return weights
