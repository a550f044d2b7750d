"""Functions compiled by numba at first use. They hold no global lock."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

_Function = TypeVar("_Function", bound=Callable[..., Any])


def compiled(**options: Any) -> Callable[[_Function], _Function]:
    """`numba.njit`, kept in a file for later processes where one can be written, or else compiled anew in each."""

    def compile_(function: _Function) -> _Function:
        try:
            made = njit(nogil=True, cache=True, **options)(function)
        except RuntimeError:  # neither the package's folder nor the user's cache can be written
            made = njit(nogil=True, **options)(function)
        return cast(_Function, made)

    return compile_
