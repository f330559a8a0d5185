"""Who may do what: scopes, and the keys that carry them. Pure; where keys are kept is the store's affair."""

from heavylift.access.api_key import ApiKey, NewKey, Verdict
from heavylift.access.key_text import KeyText, new_key, read_key
from heavylift.access.loopback import is_loopback
from heavylift.access.scopes import Scope, granted

__all__ = ["ApiKey", "KeyText", "NewKey", "Scope", "Verdict", "granted", "is_loopback", "new_key", "read_key"]
