"""From the shelf to the van."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Van:
    """One of our vans. ``capacity`` is in parcels."""

    plate: str
    capacity: int

    def tours(self, parcels: list[int]) -> list[list[int]]:
        """Split the parcels into tours this van can carry, first come, first served."""
        waiting = list(parcels)
        tours = []
        tour = []
        while waiting:
            parcel = waiting.pop(0)
            if len(tour) == self.capacity:
                tours.append(tour)
                tour = []
            tour.append(parcel)
        if tour:
            tours.append(tour)
        return tours


def shelf_layouts(width: int) -> int:
    """Return in how many ways boxes one, two or three units wide fill a shelf exactly."""
    if width < 0:
        return 0
    if width == 0:
        return 1
    return shelf_layouts(width - 1) + shelf_layouts(width - 2) + shelf_layouts(width - 3)
