"""A password that is read from its file for every new connection, so that a rotated one counts."""

from pathlib import Path

from redis.credentials import CredentialProvider
from redis.exceptions import AuthenticationError


class PasswordFile(CredentialProvider):
    """What redis-py asks when it has connected."""

    def __init__(self, path: Path, username: str | None) -> None:
        self._path = path
        self._username = username

    def get_credentials(self) -> tuple[str] | tuple[str, str]:
        """User name and password. Raises redis-py's AuthenticationError when there is none to be read."""
        try:
            password = self._path.read_text().rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise AuthenticationError(f"the file of HEAVYLIFT_STORE_PASSWORD_FILE cannot be read: {error}") from error
        if not password:
            raise AuthenticationError("the file of HEAVYLIFT_STORE_PASSWORD_FILE is empty")
        return (self._username, password) if self._username else (password,)

    async def get_credentials_async(self) -> tuple[str] | tuple[str, str]:
        """The same; a secret is a small local file, and reading it takes no time worth a thread."""
        return self.get_credentials()
