"""Pages of shops and people."""
