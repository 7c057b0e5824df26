"""What the mapper says when a message and a dataclass cannot stand for each other."""


class MessageRefusedError(ValueError):
    """A received message breaks the contract. `path` is the field, for example `facts.video.field_order`."""

    def __init__(self, *, rule: str, path: str = "") -> None:
        """Keep the field's path and the rule that it breaks."""
        super().__init__(f"{path or 'message'}: {rule}")
        self.path = path
        self.rule = rule

    def below(self, name: str) -> "MessageRefusedError":
        """Return the same error as seen from the message that holds this one as `name`."""
        return MessageRefusedError(rule=self.rule, path=joined(name, self.path))


class UnmappableValueError(ValueError):
    """One of our own values has no place in its message: a defect, never a caller's fault. `path` is the field."""

    def __init__(self, *, rule: str, path: str = "") -> None:
        """Keep the field's path and the rule that it breaks."""
        super().__init__(f"{path or 'value'}: {rule}")
        self.path = path
        self.rule = rule

    def below(self, name: str) -> "UnmappableValueError":
        """Return the same error as seen from the value that holds this one as `name`."""
        return UnmappableValueError(rule=self.rule, path=joined(name, self.path))


def joined(name: str, path: str) -> str:
    """Return `path` as seen from one level up: `clips` and `[3].facts` make `clips[3].facts`."""
    if not path or path.startswith("["):
        return name + path
    return f"{name}.{path}"
