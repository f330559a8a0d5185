"""Its tasks."""

import segno
from pydantic import BaseModel, Field

from heavylift import task


class Invoice(BaseModel):
    """What is to be paid."""

    number: int = Field(ge=1, description="Number of the invoice.")
    cents: int = Field(ge=1, description="What is to be paid, in cents.")


@task(name="shop.invoice")
def make_invoice(payload: Invoice) -> str:
    """The invoice's payment code as a picture, in SVG."""
    code: str = segno.make(f"invoice {payload.number}: {payload.cents / 100:.2f}").svg_inline()
    return code
