"""How much of two prompts a server finds in its cache."""


def shared_head(one: str, two: str) -> int:
    """Count the characters that both texts begin with."""
    for at, (left, right) in enumerate(zip(one, two, strict=False)):
        if left != right:
            return at
    return min(len(one), len(two))
