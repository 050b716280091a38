"""Simulated templates: every person has a centre on the sphere, every photograph lies around it."""

from __future__ import annotations

import numpy as np

from beholden.evaluation.faces import QUALITY, Faces, Whole


def simulated_faces(
    people: int,
    photographs: int | Whole,
    *,
    dimension: int = 64,
    noise: float = 0.6,
    seed: int = 1,
    not_found: float = 0.0,
    without_person: int = 0,
) -> Faces:
    """`photographs`: of each person, or one number a person. `noise`: length of the deviation from a centre of length 1,
    so that the mean mated score is about 1 / (1 + noise²); 0.6 gives 0.74. `not_found`: share of photographs without a face.
    `without_person`: so many photographs more, of strangers, that lie in no person's folder."""
    random = np.random.default_rng(seed)
    counts = np.broadcast_to(np.asarray(photographs, dtype=np.int64), (people,))
    place = np.concatenate([np.repeat(np.arange(people), counts), np.full(without_person, -1)])
    number = np.concatenate([np.arange(count) + 1 for count in counts] + [np.arange(without_person) + 1])
    identities = tuple(f"person_{person:05d}" for person in range(people))
    names = [
        f"{identities[person]}/{n:04d}.jpg" if person >= 0 else f"{n:04d}.jpg"
        for person, n in zip(place.tolist(), number.tolist(), strict=True)
    ]
    centres = random.standard_normal((people + without_person, dimension))
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    whose = np.where(place >= 0, place, people + number - 1)
    templates = centres[whose] + random.standard_normal((len(place), dimension)) * (noise / np.sqrt(dimension))
    templates /= np.linalg.norm(templates, axis=1, keepdims=True)
    found = random.random(len(place)) >= not_found
    templates[~found] = 0
    quality = {measure: np.where(found, random.uniform(0, 100, len(place)), np.nan) for measure in QUALITY}
    order = np.array(sorted(range(len(names)), key=names.__getitem__), dtype=np.int64)
    return Faces(
        names=tuple(names[i] for i in order),
        identities=identities,
        people=place[order].astype(np.int64),
        templates=templates[order].astype(np.float32),
        found=found[order],
        quality={measure: values[order] for measure, values in quality.items()},
    )
