"""Tensors in pixels: encodings, the model file, importers and exporters."""
