import pytest
from django.db import ProgrammingError, connection, transaction

from crm.lib.unmigrated import SENTENCE, explained

pytestmark = pytest.mark.django_db


def refused(sql):
    with pytest.raises(ProgrammingError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
    return caught.value


@pytest.mark.parametrize(
    ("sql", "is_said"), [("SELECT FROM shops_gone", True), ("SELECT gone FROM shops_shop", True), ("SELEC 1", False)]
)
def test_a_table_that_is_missing_before_migrate_is_explained(sql, is_said):
    assert explained(refused(sql)) == ""  # all migrations are applied: it is a mistake of the program
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL search_path TO nowhere")
    assert explained(refused(sql)) == (SENTENCE if is_said else "")
