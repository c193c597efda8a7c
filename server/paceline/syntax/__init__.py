"""Source text as syntax: snapshots, targets, fingerprints and edits. Byte offsets everywhere, no positions.

This layer knows nothing of judges, members or editors. Which languages it covers is data: ``languages.toml``
and one query file a language.
"""
