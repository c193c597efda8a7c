"""The back office of a small mail-order shop."""
