"""What every domain speaks: time, yen, Japanese text and refusals. No input or output here."""
