"""What tests read off an overview that was answered."""


def charts(page):
    """The charts of the page by their id."""
    parts = [part for row in page.context["rows"] for part in row]
    return {part.values["chart"].id: part.values["chart"] for part in parts if "chart" in part.values}


def stats(page):
    """The single figures by what they count."""
    return {stat.key: stat for stat in page.context["stats"]}
