"""Tableronde: what is true of a community that meets, whether or not Discord exists."""
