"""What the demo shops have of customers beside orders, invented after they are there."""

from customers.demo import attributes, consents

DEMO = [attributes.STEP, consents.STEP]
