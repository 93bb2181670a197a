"""What customers agreed to, which addresses are suppressed, and the question that follows: may they be contacted?"""
