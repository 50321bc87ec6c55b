"""Turns what people wrote into one checked, frozen configuration and a list of problems."""
