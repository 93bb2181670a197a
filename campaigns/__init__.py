"""What we say to customers. Holds nothing yet: messages begin with the post office, crm.messaging."""
