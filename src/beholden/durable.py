"""Small files written whole or not at all and durable on return, and secret ones overwritten before they are removed."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from beholden.errors import BeholdenError, Fault, NoRoom


def told(error: OSError, path: Path) -> BeholdenError:
    """The error of ours for what the machine says about a file."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return NoRoom(f"The disk of {path} is full: make room, then do the same again.")
    return Fault(
        f"{path} cannot be written ({error.strerror}): check that the disk is there and that the folder is yours."
    )


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def written_whole(path: Path) -> Iterator[BinaryIO]:
    """A file of mode 0600 to write to, in place and durable when the block ends; a crash or an error leaves the file before it."""
    part = path.with_name(path.name + ".part")
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        with open(handle, "wb") as file:
            os.fchmod(handle, 0o600)  # a part left by a crash may have had another mode
            yield file
            file.flush()
            os.fsync(handle)
        os.replace(part, path)
        sync_folder(path.parent)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise told(error, path) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """A file of mode 0600 with this content, durable on return; a crash leaves all of it or the file before it."""
    with written_whole(path) as file:
        file.write(content)


def overwrite(path: Path) -> None:
    """Zeros over every byte, durable on return; the file stays. A file that is not there is ignored."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    except OSError as error:
        raise told(error, path) from error
    try:
        os.pwrite(handle, bytes(os.fstat(handle).st_size), 0)
        os.fsync(handle)
    except OSError as error:
        raise told(error, path) from error
    finally:
        os.close(handle)


def overwrite_and_remove(path: Path) -> None:
    overwrite(path)
    path.unlink(missing_ok=True)
    sync_folder(path.parent)
