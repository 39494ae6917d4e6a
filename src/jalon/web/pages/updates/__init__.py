"""Updates: packages, campaigns and how each device goes."""
