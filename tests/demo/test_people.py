"""The invented people of the demo shop."""

from crm.demo.people import invent
from customers.domain.identity import normalise_phone

CUSTOMERS = [(str(number), "France" if number % 2 else "United Kingdom") for number in range(12346, 12446)]


def test_the_example_of_the_documents_is_there_once_and_everybody_the_same_each_time():
    people = list(invent(CUSTOMERS))
    assert people == list(invent(CUSTOMERS))
    examples = [person for person in people if person.name == "王小明"]
    assert examples == [("王小明", "wang.xiaoming@example.com", "+8613800138000")]


def test_addresses_and_numbers_belong_to_nobody_and_are_given_once():
    people = list(invent(CUSTOMERS))
    assert all(person.email.endswith("@example.com") for person in people)
    phones = [person.phone for person in people if person.phone]
    assert {phone for phone in phones if not phone.startswith("+442079460")} == {"+8613800138000"}
    assert [phone for phone in phones if normalise_phone(phone, "") != (phone, "")] == []
    assert len(set(phones)) == len(phones) > 20
    assert len({person.email for person in people}) == len(people)
