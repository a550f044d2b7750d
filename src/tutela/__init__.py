"""Tutela: visual threat intelligence against intimate-image abuse."""
