"""CEL as rules speak it: read, checked and evaluated column by column. See docs/adr/0008."""
