import numpy as np

from segmentation.domain.retention import retention_rates


def test_rates_are_shares_of_the_cohort_and_unknown_where_time_has_not_passed():
    buyers = np.array([[10, 5, 2], [4, 1, 0], [0, 0, 0]])
    rates = retention_rates(buyers, np.array([3, 2, 1]))
    assert rates[0].tolist() == [1.0, 0.5, 0.2]
    assert rates[1, :2].tolist() == [1.0, 0.25]
    assert np.isnan(rates[1:, 2]).all()
    assert rates[2, 0] == 0.0
