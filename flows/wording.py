"""The sentences by which pulls and pushes refuse, in English and German."""

from contracts.wording import Sentences

expected = Sentences("flows", "expectations")
