"""The judge for Python: the controller's side. What runs inside the sandbox stands in ``worker``."""
