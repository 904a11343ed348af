"""What a variable of the environment says that cannot be used."""


def port_number(text: str) -> int | None:
    """Read a port; None if the text is none."""
    plain = text.isascii() and text.isdigit() and len(text) <= 5
    return int(text) if plain and 1 <= int(text) <= 65535 else None


class SettingError(ValueError):
    """Stops the start; its message names the variable, what it holds and what is allowed."""
