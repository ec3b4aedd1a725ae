"""What an agreement says of a drop folder: where it is."""

from pydantic import Field

from contracts.agreement import Part
from contracts.text import LanguageTag, Line


class FolderSettings(Part):
    """``[connector.settings]`` of ``kind = "dropfolder"``."""

    folder: Line = Field(
        description="the partner's folder; one that is not absolute lies in the folder of the agreements",
        examples=["/srv/hub/lernwerkstatt-rotthausen"],
    )
    language: LanguageTag = Field(
        default="de", description="language of texts that name none, as BCP 47 tag", examples=["de"]
    )
