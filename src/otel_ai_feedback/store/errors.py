"""The one error that the store raises for what its user can put right."""


class StoreError(Exception):
    """The store cannot be opened or upgraded; the message says why and what to do."""
