"""Tell two images apart that look alike: a person looked, and says that they are not one picture. Lists keep to it."""

from __future__ import annotations

from beholden.actions import audit
from beholden.actions.alike import IMAGE, open_fingerprint
from beholden.actions.desk import at_desk, is_one_of, owes_opinion
from beholden.errors import BadInput, Missing
from beholden.ports.system import System
from beholden.records.images import Image, ImageState
from beholden.records.near import ToldApart, are_near
from beholden.records.people import Officer, Role


def tell_apart(system: System, officer: Officer, *, image_id: str, other_image_id: str) -> ToldApart:
    """From now on the faces of these two images have places of their own in every list. It holds for good.

    Raises `Refused` for images that do not look alike, are not both held or were told apart already, and `Missing` for
    who owes an opinion: until it is locked, images are not there for them.
    """
    with audit.act(system, "image.told_apart", officer) as act, act.begin() as tx:
        if image_id == other_image_id:
            raise BadInput("these are one image; name two that look alike")
        one, other = (tx.get(Image, id) for id in sorted((image_id, other_image_id)))
        act.tell("image", one.id, one.id)
        act.tell("other_image", other.id, other.id)
        prints = [open_fingerprint(system, each.blob_key, each.fingerprint, IMAGE) for each in (one, other)]
        known = [known for known in prints if known is not None]
        act.permit(
            images_held=sum(each.state is ImageState.HELD for each in (one, other)),
            look_alike=len(known) == 2 and are_near(*known),
            told_before=tx.count(ToldApart, image_id=one.id, other_image_id=other.id) > 0,
        )
        if owes_opinion(tx, act.person):
            raise Missing("there are no images for you now: lock the opinion that you owe first")
        told = ToldApart(system.clock.new_id(), 0, act.keep("reference"), one.id, other.id, act.person.id)
        tx.add(told)
        return told


def image(system: System, officer: Officer, *, image_id: str) -> Image:
    """An image, to those who may tell it apart from another. Raises `Missing` to everybody else."""
    with at_desk(system, officer) as (look, person):
        if not is_one_of(person, Role.STEWARD, Role.EXAMINER) or owes_opinion(look, person):
            raise Missing("there is no such image for you")
        return look.get(Image, image_id)
