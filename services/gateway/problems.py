"""What a partner reads when something is not taken: a problem document, in its language. Source: RFC 9457."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic_core import to_json
from starlette.responses import Response

from contracts.refusal import Refusal
from contracts.wording import Wording

MEDIA_TYPE = "application/problem+json"

# By rule; what is in no row is the fact's own fault: 422.
STATUS: Mapping[str, int] = {
    "json-invalid": 400,
    "parameter-invalid": 400,
    "key-missing": 401,
    "key-unknown": 401,
    "door-closed": 403,
    "type-not-allowed": 403,
    "purpose-not-agreed": 403,
    "not-found": 404,
    "receipt-unknown": 404,
    "person-unknown": 404,
    "method-not-allowed": 405,
    "body-late": 408,
    "idempotency-in-progress": 409,
    "cursor-beyond": 410,
    "body-too-large": 413,
    "too-large": 413,
    "media-type-unknown": 415,
    "idempotency-key-reused": 422,
    "too-many-requests": 429,
    "gateway-failed": 500,
    "part-away": 503,
}
FACTS_OWN = 422


def status_of(rule: str) -> int:
    """Return the status that says whose turn it is now."""
    return STATUS.get(rule, FACTS_OWN)


@dataclass(frozen=True, slots=True)
class Problem:
    """One answer of the kind.

    Attributes:
        refusal: the first thing that is wrong.
        others: of a batch, everything that is wrong, by the number of the fact, from 0.
        headers: what else the answer says.
    """

    refusal: Refusal
    others: tuple[tuple[int, Refusal], ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def status(self) -> int:
        """The status of the answer."""
        return status_of(self.refusal.rule)

    def document(self, language: str) -> dict[str, object]:
        """Return the document; members beside those of the RFC are ``rule``, ``place`` and ``errors``."""
        told: dict[str, object] = {"status": self.status, **told_of(self.refusal, language)}
        if self.others:
            told["errors"] = [{"index": index, **told_of(refusal, language)} for index, refusal in self.others]
        return told

    def response(self, language: str) -> Response:
        """Return it as an answer in German or English."""
        more = {"Content-Language": language, "Vary": "Accept-Language", **self.headers}
        return Response(to_json(self.document(language)), self.status, more, media_type=MEDIA_TYPE)


def told_of(refusal: Refusal, language: str) -> dict[str, object]:
    """Say a refusal in German or English; its title is what to do about it, the same for every problem of the type."""
    return {
        "type": f"urn:lernende-stadt:problem:{refusal.rule}",
        "title": refusal.remedy(language),
        "detail": refusal.expected.told(language),
        "rule": refusal.rule,
        "place": refusal.place,
    }


class ProblemError(Exception):
    """Carries a problem up to the answer."""

    def __init__(self, problem: Problem) -> None:
        """Take the problem; the text is its rule and place."""
        super().__init__(str(problem.refusal))
        self.problem = problem


def problem(rule: str, place: str, reason: Wording, **headers: str) -> ProblemError:
    """Make the error of one refusal; ``headers`` are named with ``_`` for ``-``."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return ProblemError(Problem(Refusal(rule, place, reason), headers=named))
