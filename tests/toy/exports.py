from tests.toy.models import Wish


def wish_cells(ids, shop):
    """How many wishes each of these customers has."""
    counts = dict.fromkeys(ids, 0)
    for customer_id in Wish.objects.filter(customer__in=ids).values_list("customer_id", flat=True):
        counts[customer_id] += 1
    return {customer_id: [count] for customer_id, count in counts.items()}
