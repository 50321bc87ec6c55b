"""A model's answer as the smallest change to a document: asked, cut out, fitted, compared."""
