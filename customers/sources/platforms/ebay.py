"""eBay, Seller Hub, "Orders report": below an empty row, with a count of records at its end.

An order of one product is one row. One of several has a row of its own with buyer, shipping and total, and below it a
row a product. Prices are of one and have the sign of their currency; months are names.
"""

from .base import Platform

EBAY = Platform(
    name="ebay",
    title="eBay",
    signature=(
        ("Sales Record Number", "Verkaufsprotokollnummer"),
        ("Order Number", "Bestellnummer"),
        ("Sold For", "Verkauft für"),
        ("Sale Date", "Verkauft am"),
    ),
    columns={
        "order_id": ("Order Number", "Bestellnummer"),
        "ordered_at": ("Sale Date", "Verkauft am"),
        "customer_id": ("Buyer Username", "Nutzername des Käufers"),
        "email": ("Buyer Email", "E-Mail des Käufers"),
        "name": ("Buyer Name", "Name des Käufers", "Ship To Name", "Post To Name"),
        "city": ("Buyer City", "Ship To City", "Post To City"),
        "country": ("Buyer Country", "Ship To Country", "Post To Country"),
        "product_id": ("Custom Label", "Bestandseinheit", "Item Number", "Artikelnummer"),
        "product_name": ("Item Title", "Angebotstitel"),
        "quantity": ("Quantity", "Anzahl"),
        "unit_price": ("Sold For", "Verkauft für"),
        "shipping": ("Shipping And Handling", "Postage And Packaging", "Verpackung und Versand"),
        "tax": ("Seller Collected Tax",),
        "order_total": ("Total Price", "Gesamtbetrag"),
    },
    addresses={
        "address.shipping.recipient": ("Ship To Name", "Post To Name", "Name des Käufers"),
        "address.shipping.line1": ("Ship To Address 1", "Post To Address 1", "Käuferadresse 1"),
        "address.shipping.line2": ("Ship To Address 2", "Post To Address 2", "Käuferadresse 2"),
        "address.shipping.city": ("Ship To City", "Post To City", "Ort des Käufers"),
        "address.shipping.region": ("Ship To State", "Post To State", "Post To County", "Staat des Käufers"),
        "address.shipping.postcode": ("Ship To Zip", "Post To Postcode", "Post To Zip", "Postleitzahl des Käufers"),
        "address.shipping.country": ("Ship To Country", "Post To Country", "Land des Käufers"),
        "address.shipping.phone": ("Ship To Phone", "Post To Phone"),
    },
    plus={"tax": ("eBay Collected Tax",)},
    per={"shipping": "order", "tax": "order"},
    order_rows="no_product",
    paid_at=("Paid On Date", "Zahlungsdatum"),
    notes="What eBay collects as tax counts where it is in the total. The report has no refunds and no states.",
)
