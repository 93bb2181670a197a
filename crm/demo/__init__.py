"""The demo shops: real orders, invented people."""
