"""Sign-up forms for a shop's customers: pages open to everybody, mails that confirm, and what staff see of it."""
