"""Memory of the process: garbage collection and malloc."""

from __future__ import annotations

import ctypes
import gc
import os

#: New objects between two garbage collections. Pages are hundreds of thousands of
#: objects without reference cycles; Python's default would cost as much as parsing.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000

#: Allocations of at least this many bytes use mmap, so they return to the system when
#: freed. That applies to responses, and hardly to anything else.
_MMAP_BYTES = 512 * 1024

#: The number of malloc's arenas. By default each thread may have its own, which keeps
#: the memory of the thread's largest responses.
_MAX_ARENAS = 2

#: Prefixes of environment variables that configure malloc.
_MALLOC_PREFIXES = ("MALLOC_", "GLIBC_TUNABLES")

# Numbers of mallopt's parameters in glibc's malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def limit_memory() -> None:
    """Configure this process for large, short-lived responses.

    Without it, memory grows with the number of threads and the size of responses. It
    affects the whole process, so a library must not call it. Environment variables that
    configure malloc take precedence.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 10, 10)
    if _is_glibc() and not any(
        name.startswith(_MALLOC_PREFIXES) for name in os.environ
    ):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _MMAP_BYTES)
        mallopt(_M_ARENA_MAX, _MAX_ARENAS)


def _is_glibc() -> bool:
    """Tell whether the C library is glibc, whose malloc has these parameters."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):  # Windows; macOS, musl
        return False
