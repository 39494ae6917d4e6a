"""W3C Web of Things documents: checked, read into Thing Models, and written for live devices."""
