"""How alike two titles are, by the parts of their words: order, endings and joints of words matter little."""

from functools import lru_cache

from contracts.text import words

ALIKE = 0.45
"""From here on two titles with the same start and place are worth a look: "Reparatur-Café im Quartier" and "Repair
Café" (0.46) are, "Reparatur-Café" and "Nähcafé" (0.26) are not."""


def likeness(one: str, other: str) -> float:
    """Return 0.0 (nothing in common) to 1.0 (the same words): Dice's coefficient of the words' trigrams."""
    mine, yours = _trigrams(one), _trigrams(other)
    return 2 * len(mine & yours) / (len(mine) + len(yours) or 1)


@lru_cache(maxsize=50_000)  # a title is compared with many others
def _trigrams(title: str) -> frozenset[str]:
    """Cut each word, with two blanks before and one behind, so that its beginning weighs more than its end."""
    padded = [f"  {word} " for word in words(title)]
    return frozenset(word[n : n + 3] for word in padded for n in range(len(word) - 2))
