"""What the demo shops have of customers beside orders, invented after they are there."""

from customers.demo import addresses, attributes, consents, duplicates, profile, signups

DEMO = [attributes.STEP, profile.STEP, addresses.STEP, consents.STEP, duplicates.STEP, signups.STEP]
