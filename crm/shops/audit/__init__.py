"""The audit log: chain.py writes and verifies it, sentences.py says it in words, log.py reads it for the page."""
