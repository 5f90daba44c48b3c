"""Recaps: the published accounts of past events."""
