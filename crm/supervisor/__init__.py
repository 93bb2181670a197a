"""One foreground process above web, worker and beat: `python -m crm.supervisor`."""
