import pytest

from shop.delivery import Van, shelf_layouts


def test_parcels_are_carried_in_the_order_they_came():
    van = Van(plate="PL-17", capacity=3)
    assert van.tours([5, 3, 8, 1, 9, 2, 7]) == [[5, 3, 8], [1, 9, 2], [7]]


def test_a_full_van_and_nothing_left():
    assert Van("PL-17", 2).tours([4, 4, 6, 6]) == [[4, 4], [6, 6]]


def test_nothing_to_deliver():
    assert Van("PL-17", 2).tours([]) == []


def test_a_busy_day():
    tours = Van("PL-17", 12).tours(list(range(400)))
    assert len(tours) == 34
    assert tours[-1] == [396, 397, 398, 399]


@pytest.mark.parametrize(("width", "layouts"), [(0, 1), (1, 1), (2, 2), (3, 4), (4, 7), (10, 274), (16, 10609)])
def test_layouts_of_a_shelf(width, layouts):
    assert shelf_layouts(width) == layouts

