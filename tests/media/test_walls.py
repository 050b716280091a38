"""Each wall is run against: a child behind it tries what a decoder that was taken over would try."""

from __future__ import annotations

import ctypes
import mmap
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from beholden.media import walls

LIMITS = walls.Limits(memory=64 * 1024**3, seconds=1, written=1024)  # address space: test runners have a lot of it
REFUSED, DONE = 7, 0
PROT_READ_EXEC, PRIVATE_ANONYMOUS = 0x5, 0x22

needs_seccomp = pytest.mark.skipif(walls.SECCOMP not in walls.there(), reason="this machine has no seccomp")
needs_landlock = pytest.mark.skipif(walls.LANDLOCK not in walls.there(), reason="this kernel has no Landlock")


def ended(raise_walls: Callable[[], object], attempt: Callable[[], object]) -> int:
    """How a child ended that raised walls and then made the attempt: `DONE`, `REFUSED`, or minus the signal."""
    child = os.fork()
    if child == 0:
        status = 99
        try:
            raise_walls()
            attempt()
            status = DONE
        except (OSError, MemoryError, RuntimeError):
            status = REFUSED
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def open_a_file() -> None:
    os.close(os.open("/etc/passwd", os.O_RDONLY))


def compute() -> None:
    assert sum(range(1000)) == 499500


def map_code() -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_size_t]
    if libc.mmap(None, 4096, PROT_READ_EXEC, PRIVATE_ANONYMOUS, -1, 0) == ctypes.c_void_p(-1).value:
        raise OSError(ctypes.get_errno(), "mmap")


def begin_a_thread() -> None:
    thread = threading.Thread(target=compute)
    thread.start()
    thread.join()


def loop() -> None:
    while True:
        pass


@needs_seccomp
@pytest.mark.parametrize(
    "attempt",
    [
        open_a_file,
        os.fork,
        map_code,
        lambda: os.kill(os.getppid(), signal.SIGTERM),
        lambda: os.kill(os.getpid(), signal.SIGTERM),
        lambda: os.listdir("/"),
        lambda: os.stat("/etc/passwd"),
        lambda: os.unlink("/tmp/nothing"),
        os.setsid,
        lambda: os.chroot("/"),
    ],
)
def test_who_is_narrowed_is_refused_everything_but_reading_and_computing(attempt: Callable[[], object]) -> None:
    assert ended(walls.narrowing(), attempt) == REFUSED


@needs_seccomp
@pytest.mark.parametrize(
    "attempt",
    [
        lambda: os.execv("/bin/true", ["true"]),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM),
        lambda: socket.socketpair(),
        lambda: os.memfd_create("x"),
    ],
)
def test_what_nothing_does_by_mistake_ends_the_reader_at_once(
    attempt: Callable[[], object], socket_enabled: None
) -> None:
    assert ended(walls.narrowing(), attempt) == -signal.SIGSYS


@needs_seccomp
@pytest.mark.parametrize("attempt", [compute, begin_a_thread, lambda: bytearray(64 * 1024**2)])
def test_what_a_decoder_does_goes_on_behind_the_filter(attempt: Callable[[], object]) -> None:
    assert ended(walls.narrowing(), attempt) == DONE


@needs_landlock
def test_behind_landlock_alone_no_file_is_opened_and_what_is_open_stays(tmp_path: Path) -> None:
    (tmp_path / "there").write_bytes(b"open")
    fd = os.open(tmp_path / "there", os.O_RDONLY)

    def read_what_is_open() -> None:
        assert os.pread(fd, 4, 0) == b"open"

    def write_beside() -> None:
        (tmp_path / "new").write_bytes(b"x")

    assert ended(walls.shut_files_and_network, open_a_file) == REFUSED
    assert ended(walls.shut_files_and_network, write_beside) == REFUSED
    assert ended(walls.shut_files_and_network, read_what_is_open) == DONE
    os.close(fd)
    assert not (tmp_path / "new").exists()


@needs_landlock
def test_behind_landlock_alone_no_port_is_connected_to(socket_enabled: None) -> None:
    if walls.landlock_version() < 4:
        pytest.skip("this kernel's Landlock knows nothing of the network")
    with socket.create_server(("127.0.0.1", 0)) as server:
        connect = lambda: socket.create_connection(server.getsockname()).close()  # noqa: E731
        assert ended(lambda: None, connect) == DONE
        assert ended(walls.shut_files_and_network, connect) == REFUSED


def test_whoever_takes_too_much_is_stopped(tmp_path: Path) -> None:
    large = os.open(tmp_path / "large", os.O_WRONLY | os.O_CREAT)  # a test runner has more open than is allowed anew

    def write_much() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
        while os.write(large, bytes(4096)):
            pass

    limited = lambda: walls.limit(LIMITS)  # noqa: E731
    assert ended(limited, lambda: mmap.mmap(-1, 65 * 1024**3)) == REFUSED
    assert ended(limited, loop) == -signal.SIGKILL
    assert ended(limited, write_much) == -signal.SIGXFSZ
    os.close(large)
    assert (tmp_path / "large").stat().st_size <= 1024


def test_a_child_ends_with_its_parent() -> None:
    reading, writing = os.pipe()

    def parent() -> None:
        child = os.fork()
        if child == 0:
            walls.die_with_parent()
            os.write(writing, f"{os.getpid()}\n".encode())
            time.sleep(600)
            os._exit(0)
        os.read(reading, 1)

    assert ended(lambda: None, parent) == DONE
    child = int(b"0" + os.read(reading, 32).strip() or b"0")
    for _ in range(500):
        if not os.path.exists(f"/proc/{child}") or "Z" in Path(f"/proc/{child}/stat").read_text().split(")")[1][:3]:
            break
        time.sleep(0.01)
    else:
        pytest.fail("the child outlived its parent")
