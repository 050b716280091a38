"""The walls around a process that reads a stranger's file: what it may ask of the kernel, and how much it may take.

Raised in a child that has everything it needs open and imported; none of them can be taken down again.
"""

from __future__ import annotations

import ctypes
import errno
import os
import resource
import signal
import struct
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import BinaryIO

LIMITS, LANDLOCK, SECCOMP = "limits", "landlock", "seccomp"
EVERY = (LIMITS, LANDLOCK, SECCOMP)

# asm-generic: the same number on every architecture that Landlock has come to.
_CREATE_RULESET, _RESTRICT_SELF = 444, 446
_VERSION = 1
_FILES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}  # rights over files known to each version of Landlock, as so many low bits
_NET, _SCOPES = 0b11, 0b11  # version 4: binding and connecting TCP; version 6: abstract sockets and signals
_SET_PDEATHSIG, _SET_DUMPABLE, _SET_NO_NEW_PRIVS, _SET_NAME = 1, 4, 38, 15
_SET_SECCOMP, _MODE_FILTER, _BPF_BYTES = 22, 2, 8
_CLONE_THREAD, _PROT_EXEC, _AT_EMPTY_PATH = 0x10000, 0x4, 0x1000

# What decoders were seen to ask for, on 1,592 files that have troubled them. Anything else is answered EPERM.
_ALLOWED = (
    *("read", "readv", "pread64", "write", "writev", "pwrite64", "lseek", "close", "fstat", "ftruncate"),
    *("munmap", "mremap", "brk", "madvise", "futex", "membarrier", "set_robust_list", "rseq", "get_mempolicy"),
    *("rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "sigaltstack", "restart_syscall", "exit", "exit_group"),
    *("clock_gettime", "clock_getres", "clock_nanosleep", "nanosleep", "gettimeofday", "getrandom", "getpid"),
    *("gettid", "getrusage", "sched_yield", "sched_getaffinity", "sysinfo", "uname"),
)
# Nothing that reads a picture asks for these by mistake: it ends there and then.
_DEADLY = ("execve", "execveat", "socket", "socketpair", "connect", "ptrace", "memfd_create", "process_vm_readv")


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may take."""

    memory: int  # bytes of address space
    seconds: int  # of processor time
    written: int  # bytes


def there() -> tuple[str, ...]:
    """The walls that this machine has."""
    walls = [LIMITS]
    if landlock_version():
        walls.append(LANDLOCK)
    if _seccomp_there():
        walls.append(SECCOMP)
    return tuple(walls)


def landlock_version() -> int:
    """The kernel's version of Landlock; 0 where it has none."""
    version = _libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION)
    return max(0, int(version))


def die_with_parent() -> None:
    _check(_libc().prctl(_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0), "PR_SET_PDEATHSIG")


def hide_memory() -> None:
    """Nobody but root looks into this process, and it leaves no core file."""
    _check(_libc().prctl(_SET_DUMPABLE, 0, 0, 0, 0), "PR_SET_DUMPABLE")
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def limit(limits: Limits) -> None:
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CPU, limits.seconds),
        (resource.RLIMIT_FSIZE, limits.written),
        (resource.RLIMIT_NOFILE, 16),
        # Not RLIMIT_NPROC: it counts threads, and all that the user runs, so that the one for whom AVIF could still be read
        # is a guess; and root is above it. That nothing is forked is the filter's part.
    ):
        resource.setrlimit(what, (most, most))


def shut_files_and_network() -> None:
    """Landlock: no file can be opened any more, no port bound or connected to. Raises OSError where there is none."""
    version = landlock_version()
    files = (1 << _FILES[min(version, 5)]) - 1
    net = _NET if version >= 4 else 0
    scopes = _SCOPES if version >= 6 else 0
    rules = struct.pack("=QQQ", files, net, scopes)[: 24 if version >= 6 else 16 if version >= 4 else 8]
    ruleset = _check(_libc().syscall(_CREATE_RULESET, rules, ctypes.c_size_t(len(rules)), 0), "landlock_create_ruleset")
    try:
        _check(_libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
        _check(_libc().syscall(_RESTRICT_SELF, ruleset, 0), "landlock_restrict_self")
    finally:
        os.close(ruleset)


def narrowing() -> Callable[[], None]:
    """What leaves a process reading, computing and writing, and nothing else. Made before a fork, called after it.

    The filter answers EPERM by default instead of killing: decoders of AVIF and TIFF ask for threads and processors and
    go on without. Threads are allowed, processes are not. Raises RuntimeError or OSError where there is no seccomp.
    """
    import pyseccomp as seccomp

    filter = seccomp.SyscallFilter(seccomp.ERRNO(errno.EPERM))
    for name in _ALLOWED:
        filter.add_rule(seccomp.ALLOW, name)
    for name in _DEADLY:
        filter.add_rule(seccomp.KILL_PROCESS, name)
    arg = seccomp.Arg
    filter.add_rule(seccomp.ALLOW, "clone", arg(0, seccomp.MASKED_EQ, _CLONE_THREAD, _CLONE_THREAD))
    filter.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")  # its flags lie in memory, where no filter sees them
    for name in ("mmap", "mprotect"):
        filter.add_rule(seccomp.ALLOW, name, arg(2, seccomp.MASKED_EQ, _PROT_EXEC, 0))
    filter.add_rule(seccomp.ALLOW, "newfstatat", arg(3, seccomp.EQ, _AT_EMPTY_PATH))
    filter.add_rule(seccomp.ALLOW, "prlimit64", arg(2, seccomp.EQ, 0))  # asking, not setting
    filter.add_rule(seccomp.ALLOW, "prctl", arg(0, seccomp.EQ, _SET_NAME))
    return _loading(_compiled(filter.export_bpf))


class _Program(ctypes.Structure):
    """`struct sock_fprog` of linux/filter.h."""

    _fields_ = (("len", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def _compiled(export: Callable[[BinaryIO], None]) -> bytes:
    with os.fdopen(os.memfd_create("filter"), "w+b", buffering=0) as file:
        export(file)
        file.seek(0)
        return file.read()


def _loading(code: bytes) -> Callable[[], None]:
    """What hands a compiled filter to the kernel [0.1 ms a child; compiled anew in each, as libseccomp does it, 1 ms]."""
    kept = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // _BPF_BYTES, ctypes.addressof(kept))

    def load() -> None:
        _check(_libc().prctl(_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "PR_SET_NO_NEW_PRIVS")
        _check(_libc().prctl(_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0), "PR_SET_SECCOMP")
        assert kept  # the program points to it

    return load


def _seccomp_there() -> bool:
    try:
        import pyseccomp
    except (ImportError, RuntimeError):  # RuntimeError: the machine has no libseccomp
        return False
    with open("/proc/self/status") as status:
        return bool(pyseccomp) and any(line.startswith("Seccomp_filters:") for line in status)


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(answer: int, what: str) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return answer
