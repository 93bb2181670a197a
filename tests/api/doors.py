# Open to everybody, and no shop's rows behind them.
OPEN = {"api-docs", "api-schema", "api-unknown"}
