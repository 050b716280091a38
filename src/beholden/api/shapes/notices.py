"""Notices that wait to be sent, as they go over the wire."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from beholden.api.shapes.fields import Given, Id, Shown, Text


class Notice(Shown):
    id: Id
    made_at: datetime
    recipient: str
    about: Id = Field(description="The record that it is about.")
    words: str
    sent: bool


class NoticeSent(Given):
    how: Text = Field(description="By which letter, message or form.")
