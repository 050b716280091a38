"""The picture readers that we have, held to the contract."""

from __future__ import annotations

from beholden.media.pillow import PillowMedia
from beholden.media.sandbox import SandboxedMedia
from beholden.testing.media_contract import MediaContract


class TestPillowMedia(MediaContract):
    def media(self) -> PillowMedia:
        return PillowMedia()


class TestSandboxedMedia(MediaContract):
    def media(self) -> SandboxedMedia:
        return SandboxedMedia()
