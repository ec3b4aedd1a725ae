"""In which language a partner is answered. Source: RFC 9110, section 12.5.4 (Accept-Language)."""

ENGLISH, GERMAN = "en", "de"


def preferred(accept: str) -> str:
    """Return ``de`` or ``en``, whichever the header weighs more; English where it says nothing or both the same."""
    weights = {ENGLISH: 0.0, GERMAN: 0.0}
    named: set[str] = set()
    for each in accept.split(","):
        tag, _, parameters = each.partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameters)
        if language in weights:
            weights[language] = max(weights[language], weight) if language in named else weight
            named.add(language)
        elif language == "*":
            weights.update({known: max(before, weight) for known, before in weights.items() if known not in named})
    return GERMAN if weights[GERMAN] > weights[ENGLISH] else ENGLISH


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        return min(1.0, max(0.0, float(value)))
    except ValueError:
        return 0.0
