"""What the demo shops have of customers beside orders, invented after they are there."""

from customers.demo import attributes, consents, duplicates, signups

DEMO = [attributes.STEP, consents.STEP, duplicates.STEP, signups.STEP]
