"""The one error that the store raises for what its user can put right."""


class StoreError(Exception):
    """The store cannot do what it is asked to; the message says why and what to do."""
