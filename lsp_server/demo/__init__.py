"""The demonstration: the whole product on a small real model on this machine."""
