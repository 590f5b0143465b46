"""Fills doctor's facts from AWS."""
