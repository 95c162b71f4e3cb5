"""ccops: telephony operations for government hotlines on Asterisk."""

__version__ = "0.1.0"
