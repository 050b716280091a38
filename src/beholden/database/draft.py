"""For developers: `python -m beholden.database.draft` writes the first migration anew from the records.

Only until the first release; from then on a change of the records is a new file beside it.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from sqlalchemy import Column, Index, Table

from beholden.database.tables import metadata
from beholden.database.upgrade import STEPS

FILE = STEPS[0] / "0001_first.py"
WIDTH = 116

HEAD = '''"""The first tables: one a record, one column a field, and the counters."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def text(name: str, *, key: bool = False, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.TEXT(), primary_key=key, nullable=null)


def whole(name: str, *, key: bool = False, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.INTEGER(), primary_key=key, nullable=null, autoincrement=False)


def real(name: str, *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.REAL(), nullable=null)


def blob(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.BLOB(), nullable=null)


def table(name: str, *columns: sa.Column[str] | sa.Column[int] | sa.Column[float] | sa.Column[bytes]) -> None:
    op.create_table(name, *columns, sqlite_strict=True)


def indexes(name: str, *columns: str, unique: bool = False) -> None:
    for column in columns:
        op.create_index(f"ix_{name}_{column}", name, [column], unique=unique)


# fmt: off
def upgrade() -> None:
'''

WORDS = {"TEXT": "text", "INTEGER": "whole", "REAL": "real", "BLOB": "blob"}


def draft() -> str:
    """The text of the migration. Lines are filled, or 26 tables would be 600 lines."""
    parts = [_part(table) for table in metadata.tables.values()]
    return HEAD + "\n".join(parts)


def _part(table: Table) -> str:
    lines = _filled(f'table("{table.name}"', [_column(column) for column in table.columns])
    for unique in (False, True):
        names = [f'"{_only(index)}"' for index in _in_order(table) if bool(index.unique) is unique]
        if names:
            lines += _filled(f'indexes("{table.name}"', names + (["unique=True"] if unique else []))
    return "".join(f"{line}\n" for line in lines)


def _filled(call: str, arguments: list[str]) -> list[str]:
    # A space within an argument is held together while the line is filled.
    whole = f"{call}, " + ", ".join(argument.replace(" ", "\0") for argument in arguments) + ")"
    lines = textwrap.wrap(whole, WIDTH, initial_indent="    ", subsequent_indent="        ", break_long_words=False)
    return [line.replace("\0", " ") for line in lines]


def _column(column: Column[object]) -> str:
    key = ", key=True" if column.primary_key else ""
    null = ", null=True" if column.nullable else ""
    return f'{WORDS[str(column.type)]}("{column.name}"{key}{null})'


def _in_order(table: Table) -> list[Index]:
    order = [column.name for column in table.columns]
    return sorted(table.indexes, key=lambda index: order.index(_only(index)))


def _only(index: Index) -> str:
    (column,) = index.columns
    return str(column.name)


def main(file: Path = FILE) -> None:
    file.write_text(draft(), encoding="utf-8")
    print(f"{file} written: {len(metadata.tables)} tables")  # a developer reads it


if __name__ == "__main__":
    main()
