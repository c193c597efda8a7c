from shop.customers import newsletter_list, repeat_buyers, unique_emails


def test_an_address_counts_once_however_it_is_spelt():
    addresses = ["ada@example.org", " Ada@Example.org", "grace@example.org", "ada@example.org "]
    assert unique_emails(addresses) == ["ada@example.org", "grace@example.org"]


def test_addresses_keep_the_order_they_came_in():
    addresses = [f"customer{number % 40}@example.org" for number in range(120, 0, -1)]
    assert unique_emails(addresses)[:3] == [
        "customer0@example.org",
        "customer39@example.org",
        "customer38@example.org",
    ]
    assert len(unique_emails(addresses)) == 40


def test_no_addresses():
    assert unique_emails([]) == []


def test_customers_who_came_back():
    buyers = ["ada", "grace", "ada", "linus", "edsger", "grace", "linus"]
    assert repeat_buyers(buyers, ["linus"]) == ["ada", "grace", "ada", "grace"]


def test_a_long_day_of_purchases():
    buyers = [f"customer {number * 7 % 90}" for number in range(150)]
    staff = [f"customer {number}" for number in range(0, 90, 3)]
    found = repeat_buyers(buyers, staff)
    assert "customer 3" not in found
    assert found.count("customer 7") == 2
    assert "customer 82" not in found


def test_nobody_bought_twice():
    assert repeat_buyers(["ada", "grace"], []) == []


def test_the_newsletter_goes_to_those_who_want_it():
    lines = newsletter_list(["Ada", "Grace", "Linus"], ["Grace"]).splitlines()
    assert [line.partition(",")[0] for line in lines] == ["Dear Linus", "Dear Ada"]


def test_a_newsletter_to_many():
    customers = [f"customer {number}" for number in range(200)]
    unsubscribed = [f"customer {number}" for number in range(1, 200, 2)]
    lines = newsletter_list(customers, unsubscribed).splitlines()
    assert len(lines) == 100
    assert lines[0].startswith("Dear customer 198,")
    assert lines[-1].startswith("Dear customer 0,")


def test_nobody_wants_the_newsletter():
    assert newsletter_list(["Ada"], ["Ada"]) == ""
