class UserError(Exception):
    """Something the person can put right, named by the key of the sentence that says how.

    `values` fill the sentence's placeholders; they are printed, never interpreted.
    """

    def __init__(self, key: str, /, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values
