"""How much one customer can have of what grows with every file and request."""

# The page of one customer, its search document and a merge take them all at once. People have a handful; what has more
# is a marketplace's relay, a till, or a file that gives everybody the same number.
MAX_IDENTIFIERS = 200
MAX_TAGS = 250  # as many as a cell may hold
