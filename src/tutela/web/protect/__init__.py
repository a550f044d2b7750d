"""The public page: a person protects pictures on their own device. The pictures never leave it; only numbers do."""

from tutela.web.protect.routes import routes
from tutela.web.protect.site import NEUTRAL, Site

__all__ = ["NEUTRAL", "Site", "routes"]
