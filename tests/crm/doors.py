# Open to everybody, and no shop's rows behind them.
OPEN = {"favicon", "set_language", "styleguide"}

# Celery tasks that work for all shops at once, by a function that returns ids only or as crm_platform, each reviewed.
TASKS_OF_ALL_SHOPS = {"crm.tick", "crm.clean_up"}
