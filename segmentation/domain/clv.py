"""What the next twelve months of a customer are probably worth."""

import numpy as np

from segmentation.domain.summary import Floats, Numbers

# A shop's usual cost of capital. Within one year it takes about 5 % off; 0 gives the plain product.
DISCOUNT_RATE = 0.10
# Below that chance of no order in 90 days nobody is called likely to leave, however late by their own rhythm.
LIKELY_LOST = 0.2


def clv_365d(orders: Floats, order_value: Floats) -> Floats:
    """12-month customer lifetime value: expected orders times the expected value of an order, shape (n,).

    orders: of the next 365 days, discounted (`Forecast.discounted_orders_365d`) or plain. The product is right because
    Gamma-Gamma takes spend to be independent of frequency. Revenue, not profit: costs are not known here.
    Source: Fader, Hardie & Lee, "RFM and CLV: Using Iso-Value Curves", JMR 42(4) 2005.
    """
    return np.maximum(orders * order_value, 0.0)


def at_stake(clv: Floats, churn_risk: Floats, x: Numbers) -> Floats:
    """Money at stake: what 12 months would bring times the chance that no order comes in the next 90 days, shape (n,).

    NaN where that chance is under LIKELY_LOST, and without a repeat purchase (x is 0): there the CLV is the mean of the
    shop, and would put chance comers before known customers.
    """
    return np.where((x > 0) & (churn_risk >= LIKELY_LOST), clv * churn_risk, np.nan)
