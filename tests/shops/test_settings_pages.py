import pytest
from django.urls import reverse

from crm.shops.roles import Role

PARTS = ("shop", "staff", "keys", "security", "audit")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_opens_to_the_owner(client, shop, owner, part):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(reverse(f"settings:{part}", args=[shop.slug])).status_code == 200


def test_index_leads_to_the_first_part_the_role_opens(client, shop, owner, make_member):
    client.force_login(owner, backend="django.contrib.auth.backends.ModelBackend")
    index = reverse("settings:index", args=[shop.slug])
    assert client.get(index).url == reverse("settings:shop", args=[shop.slug])
    client.force_login(make_member(shop, Role.AGENT), backend="django.contrib.auth.backends.ModelBackend")
    assert client.get(index).url == reverse("settings:security", args=[shop.slug])
