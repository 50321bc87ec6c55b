"""Costs of the product as ratios against bare parts, measured side by side in one run."""
