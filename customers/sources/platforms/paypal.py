"""PayPal, "Activity download": one row for each movement of the balance. Some are payments for orders, many are not."""

from .base import Platform

_SALES = (
    "Website Payment", "Web Accept Payment Received", "Express Checkout Payment", "Express Checkout Payment Received",
    "PayPal Express Checkout", "Mobile Payment", "Mobile Express Checkout Payment", "General Payment",
    "Payment Received", "eBay Auction Payment", "Auction Payment Received", "Subscription Payment",
    "Subscription Payment Received", "Recurring Payment Received", "Recurring Payment", "PreApproved Payment",
    "PreApproved Payment Bill User Payment", "Shopping Cart Payment Received", "Virtual Terminal Transaction",
    "Virtual Terminal Payment", "Direct Credit Card Payment", "Direct Payment", "Payflow Payment",
    "PayPal Here Payment", "Point of Sale Payment", "PayPal Checkout APIs", "Checkout Payment", "Invoice Payment",
    "Third Party Payment", "Tip", "QR Code Payment", "Alternative Payment", "BuyerCredit Payment",
)  # fmt: skip
_REFUNDS = ("Payment Refund", "Refund", "Payment Reversal", "Reversal", "Chargeback", "Chargeback Settlement")
_NEITHER = (
    "General Currency Conversion", "Currency Conversion", "User Initiated Currency Conversion",
    "Currency Conversion Required To Cover Negative Balance", "General Withdrawal", "Withdrawal",
    "User Initiated Withdrawal", "Automatic Withdrawal", "Withdraw Funds to Bank Account",
    "Withdraw Funds to a Bank Account", "Withdrawal Reversal", "Bank Deposit to PP Account",
    "General Funding of PayPal Account",
    "Add Funds from a Bank Account", "Credit Card Deposit", "Balance Transfer", "Transfer", "General Authorization",
    "Authorization", "General Void", "Void of Authorization", "Reauthorization", "General Order", "Order",
    "Account Hold for Open Authorization", "Reversal of General Account Hold", "General Hold",
    "General Hold Release", "Hold on Balance for Dispute Investigation", "Hold on Available Balance",
    "Cancellation of Hold for Dispute Resolution", "Temporary Hold", "Update to Reversal", "Payment Hold",
    "Payment Release", "Payment Review Hold", "Payment Review Release", "Reserve Hold", "Reserve Release",
    "Rolling Reserve", "Rolling Reserve Release", "General Account Adjustment", "General Account Correction",
    "Chargeback Fee", "Dispute Fee", "Payment Fee", "Fee", "General Fee", "PayPal Fee", "Partner Fee", "Fee Reversal",
    "Cancelled Fee", "Mass Pay Payment", "Mass Payment", "Payouts Payment", "General PayPal Debit Card Transaction",
    "PayPal Debit Card Transaction", "Debit Card Cash Advance", "Cashback Bonus", "Shopping Cart Item", "Invoice Item",
    "Invoice Sent", "Request Received", "Request Sent", "Donation Sent", "Bill Payment", "Interest Payment",
    "Working Capital Loan Repayment", "General Credit", "Bonus",
)  # fmt: skip

PAYPAL = Platform(
    name="paypal",
    title="PayPal",
    signature=(
        ("Transaction ID",),
        ("Gross",),
        ("From Email Address",),
        ("To Email Address", "Balance Impact"),
        ("Type",),
    ),
    columns={
        "order_id": ("Transaction ID",),
        "ordered_at": ("Date+Time+TimeZone", "Date+Time+Time Zone"),
        "email": ("From Email Address",),
        "phone": ("Contact Phone Number",),
        "name": ("Name",),
        "city": ("Town/City", "City"),
        "country": ("Country", "Country Code"),
        "product_id": ("Item ID", "Item Title"),
        "product_name": ("Item Title",),
        "quantity": ("Quantity",),
        "currency": ("Currency",),
        "status": ("Status",),
        "shipping": ("Shipping and Handling Amount",),
        "tax": ("Sales Tax",),
        # Before the fee is taken off: what the buyer has paid.
        "order_total": ("Gross",),
        "refund_of": ("Reference Txn ID",),
    },
    addresses={
        "address.shipping.line1": ("Address Line 1",),
        "address.shipping.city": ("Town/City", "City"),
        "address.shipping.postcode": ("Zip/Postal Code",),
        "address.shipping.country": ("Country", "Country Code"),
    },
    statuses={
        "completed": "paid",
        "cleared": "paid",
        "partially refunded": "paid",  # by how much, rows of their own say
        "held": "pending",
        "unclaimed": "pending",
        "uncleared": "pending",
        "denied": "cancelled",
        "returned": "cancelled",
        "reversed": "refunded",
    },
    per={"shipping": "order", "tax": "order"},
    row_type=("Type",),
    row_types={
        word.lower(): meaning
        for meaning, words in (("sale", _SALES), ("refund", _REFUNDS), ("none", _NEITHER))
        for word in words
    },
    notes="A refund names who has paid it; its buyer is that of the payment it refers to.",
)
