"""How the bytes of a text file are read: by its mark, else as UTF-8, else as Windows wrote it. Never by guessing."""

BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
"""Byte order marks, and the encoding each promises."""

UNMARKED = ("utf-8", "cp1252")
"""What a file without a mark may be, in the order of trying: hardly a text of the second is one of the first."""
