"""The first tables: one a record, one column a field, and the counters."""

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
    table("people", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("name"), text("roles"), text("state"), text("credential"), text("invite_ends_at"))
    indexes("people", "state")

    table("sessions", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("person_id"), text("client"), text("ends_at"), whole("ended"))
    indexes("sessions", "person_id")

    table("sources", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("name"), text("controller"), text("authority_kind"), text("citation"), text("document_sha256"),
        text("jurisdiction"), text("purposes"), text("valid_from"), text("valid_until"), text("state"),
        text("proposed_by"), text("decided_by"), text("reason"))
    indexes("sources", "state")

    table("galleries", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("name"), text("purposes"), blob("secret"), text("state"))
    indexes("galleries", "state")

    table("images", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("gallery_id"), text("source_id"), text("mark"), text("person_mark"), text("page_mark"), text("blob"),
        text("blob_key"), text("kind"), whole("width"), whole("height"), blob("provenance"), text("state"))
    indexes("images", "gallery_id", "source_id", "mark", "person_mark", "page_mark", "state")

    table("asides", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("source_id"), text("gallery_id"), text("mark"), text("state"))
    indexes("asides", "source_id", "gallery_id", "mark", "state")

    table("blocks", text("mark", key=True), text("retention_class"), text("created_at"), text("created_by"),
        text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"), text("erasure_id"))
    indexes("blocks", "erasure_id")

    table("faces", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        whole("face_no"), text("image_id"), text("gallery_id"), text("source_id"), text("space_id"),
        text("person_mark"), text("box"), text("landmarks"), text("quality"), blob("template"), text("state"),
        whole("change_no"))
    indexes("faces", "image_id", "gallery_id", "source_id", "space_id", "person_mark", "state", "change_no")
    indexes("faces", "face_no", unique=True)

    table("cases", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("reference"), text("title"), text("purpose"), text("assigned"), text("state"), text("outcome"))
    indexes("cases", "state")

    table("exhibits", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("case_id"), text("mark"), text("pixel_mark"), blob("details"), text("origin"), text("blob"),
        text("blob_key"), text("kind"), whole("width"), whole("height"), text("added_by"), text("state"))
    indexes("exhibits", "case_id", "mark", "pixel_mark", "state")

    table("exhibit_faces", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("exhibit_id"), text("case_id"), whole("position"), text("box"), text("landmarks"), text("quality"),
        text("subject_role"))
    indexes("exhibit_faces", "exhibit_id", "case_id")

    table("sought", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("case_id"), text("face_ids"), text("subject_role"), text("why"), text("declared_by"), text("state"))
    indexes("sought", "case_id", "state")

    table("authorities", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("case_id"), text("sought_id"), text("purpose"), text("urgency"), text("necessity"),
        text("gallery_ids"), text("starts_at"), text("ends_at"), whole("searches"), whole("used"),
        text("requested_by"), text("decided_by"), text("reason"), text("follows"), text("state"))
    indexes("authorities", "case_id", "sought_id", "state")

    table("searches", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("case_id"), text("authority_id"), text("sought_id"), text("searched_by"), text("started_at"),
        text("ended_at", null=True), text("space_id"), text("model"), text("model_files"), text("probe_quality"),
        text("coverage"), text("statements"), whole("limit"), whole("people"), text("state"))
    indexes("searches", "case_id", "authority_id", "sought_id", "space_id", "state")

    table("candidates", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("search_id"), text("face_id"), text("image_id"), whole("references"), blob("lead"))
    indexes("candidates", "search_id", "face_id", "image_id")

    table("reviews", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("search_id"), text("reviewer"), text("seed"), text("state"))
    indexes("reviews", "search_id", "state")

    table("pairs", text("handle", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("review_id"), text("candidate_id"), whole("position"), text("outcome"))
    indexes("pairs", "review_id", "candidate_id")

    table("examinations", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("search_id"), text("candidate_id"), text("examiner"), text("part"), text("components"),
        text("limitations"), whole("opinion", null=True), text("supersedes"), whole("score_revealed"),
        text("state"))
    indexes("examinations", "search_id", "candidate_id", "state")

    table("disclosures", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("case_id"), text("search_id"), text("recipients"), text("basis"), blob("packet"), blob("manifest"),
        text("state"))
    indexes("disclosures", "case_id", "search_id", "state")

    table("disclosed_references", text("id", key=True), whole("version"), text("retention_class"),
        text("created_at"), text("created_by"), text("policy"), text("keep_until"), text("dispose_after"),
        whole("legal_hold"), text("disclosure_id"), text("face_id"), blob("reference"), blob("crop"))
    indexes("disclosed_references", "disclosure_id", "face_id")

    table("notices", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("recipient"), text("about"), text("words"), whole("sent"))

    table("requests", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("kind"), text("due_at"), text("face_ids"), text("looked_for"), blob("subject"), text("decided_by"),
        text("reason"), text("state"))
    indexes("requests", "state")

    table("erasures", text("id", key=True), whole("version"), text("retention_class"), text("created_at"),
        text("created_by"), text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"),
        text("request_id"), text("face_ids"), text("whole_image_ids"), text("part_image_ids"), text("keys"),
        text("blobs"), text("needles"), blob("searches"), text("summary"), text("already_erased"),
        text("held_until"), text("started_by"), text("confirmed_by"), blob("receipt"), text("state"))
    indexes("erasures", "request_id", "state")

    table("entries", whole("n", key=True), text("retention_class"), text("created_at"), text("created_by"),
        text("policy"), text("keep_until"), text("dispose_after"), whole("legal_hold"), blob("leaf"),
        blob("leaf_hash"))

    table("items", text("id", key=True), whole("n"), text("name"), text("record_id"), blob("sealed"))
    indexes("items", "n", "record_id")

    table("checkpoints", whole("size", key=True), blob("root"), blob("note"), text("at"))

    table("counters", text("name", key=True), whole("next_number"))
