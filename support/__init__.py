"""What customers ask of us. Holds nothing yet."""
