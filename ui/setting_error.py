"""What a variable of the environment says that cannot be used."""


class SettingError(ValueError):
    """Stops the start; its message names the variable, what it holds and what is allowed."""
