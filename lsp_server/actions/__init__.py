"""Code actions that a model carries out: listed at no cost, worked out when one is chosen."""
