"""How large files are, as people tell it."""


def file_size(count: int) -> str:
    """Return how large a file is, as people tell it."""
    if count < 1024:
        return f"{count} B"
    size, unit = (count / 1024, "KB") if count < 1024 * 1024 else (count / 1024 / 1024, "MB")
    return f"{size:.1f} {unit}" if size < 10 else f"{size:.0f} {unit}"
