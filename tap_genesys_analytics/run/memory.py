"""Memory of the process: when it is looked through, and when it is given back."""

from __future__ import annotations

import ctypes
import gc
import os

#: Objects made before Python looks for those that only refer to each other. Pages are
#: hundreds of thousands of objects, none of them in a cycle: to look as often as
#: Python does costs as much as to parse them.
_OBJECTS_BETWEEN_COLLECTIONS = 200_000

#: Bytes from which on a piece of memory is one of its own, given back as soon as it is
#: free: an answer, but hardly anything that is made of it.
_OWN_PIECE = 512 * 1024

#: Pools of memory that threads share: by default there may be one for each thread,
#: which keeps what the largest answers took.
_POOLS = 2

#: What names begin with in the environment that set malloc.
_OF_MALLOC = ("MALLOC_", "GLIBC_TUNABLES")

# Numbers of mallopt's parameters in glibc's malloc.h.
_M_MMAP_THRESHOLD, _M_ARENA_MAX = -3, -8


def keep_small() -> None:
    """Set this process up for large answers that are soon done with.

    Without it, memory grows with the number of threads and the size of answers. It
    counts for the whole process, so it is for a program and not for a library; what
    the environment says of malloc has precedence.
    """
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS, 10, 10)
    if _is_glibc() and not any(name.startswith(_OF_MALLOC) for name in os.environ):
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_M_MMAP_THRESHOLD, _OWN_PIECE)
        mallopt(_M_ARENA_MAX, _POOLS)


def _is_glibc() -> bool:
    """Tell whether the C library is the one that has these parameters."""
    try:
        return bool(os.confstr("CS_GNU_LIBC_VERSION"))
    except (AttributeError, ValueError, OSError):  # Windows; macOS, musl
        return False
