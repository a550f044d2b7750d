"""Who may call the service: keys, their roles, the groups that each of them covers."""

from tutela.access.errors import AccessError, UnknownKey
from tutela.access.keys import Key, Keys, NewKey
from tutela.access.roles import Role

__all__ = ["AccessError", "Key", "Keys", "NewKey", "Role", "UnknownKey"]
