"""The addresses of Meta's Hasher-Matcher-Actioner, so that what speaks to it can speak to Tutela."""
