"""Measuring on labelled photographs: how often the model errs, on whose faces, and how sure that is."""
