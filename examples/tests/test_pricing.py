import pytest

from shop.pricing import known_skus, median_price, price_steps, priced_lines


def test_steps_are_measured_from_the_cheapest():
    assert price_steps([250, 100, 400, 250]) == [150, 0, 300]


def test_one_step_when_all_prices_are_equal():
    assert price_steps([99, 99, 99]) == [0]


def test_no_prices_no_steps():
    assert price_steps([]) == []


def test_many_prices():
    prices = [number * 37 % 500 for number in range(300)]
    steps = price_steps(prices)
    assert min(steps) == 0
    assert len(steps) == len(set(prices))


def test_a_line_is_priced_by_every_offer_of_its_product():
    lines = [{"sku": "tea", "quantity": 3}, {"sku": "cup", "quantity": 1}]
    products = [
        {"sku": "cup", "price": 800},
        {"sku": "tea", "price": 350},
        {"sku": "tea", "price": 999},
    ]
    assert priced_lines(lines, products, []) == [("tea", 1050), ("tea", 2997), ("cup", 800)]


def test_discontinued_and_unknown_products_are_left_out():
    lines = [{"sku": "tea", "quantity": 3}, {"sku": "lamp", "quantity": 1}, {"sku": "cup", "quantity": 2}]
    products = [{"sku": "tea", "price": 350}, {"sku": "cup", "price": 800}]
    assert priced_lines(lines, products, ["tea"]) == [("cup", 1600)]


def test_a_big_order():
    products = [{"sku": f"sku {number}", "price": 100 + number} for number in range(120)]
    lines = [{"sku": f"sku {number * 11 % 150}", "quantity": 1 + number % 4} for number in range(150)]
    discontinued = [f"sku {number}" for number in range(0, 150, 5)]
    priced = priced_lines(lines, products, discontinued)
    assert ("sku 11", 222) in priced
    assert len(priced) == 96


def test_known_skus_keep_their_order():
    catalogue = {"tea": 350, "cup": 800}
    assert known_skus(["cup", "lamp", "tea", "cup"], catalogue) == ["cup", "tea", "cup"]


def test_known_skus_of_a_big_catalogue():
    catalogue = {f"sku {number}": number for number in range(0, 300, 2)}
    skus = [f"sku {number}" for number in range(300)]
    assert len(known_skus(skus, catalogue)) == 150


def test_the_median_is_a_price_that_exists():
    assert median_price([5, 1, 9]) == 5
    assert median_price([4, 1, 3, 2]) == 2
    assert median_price([number * 31 % 97 for number in range(97)]) == 48


def test_no_median_without_prices():
    with pytest.raises(IndexError):
        median_price([])
