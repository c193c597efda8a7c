"""Model members: local models behind OpenAI-compatible servers.

Loaded only where a model member is configured.
"""
