"""Bytes as RGB pixels."""
import numpy as np

def to_pixels(data: bytes, width: int=1024) -> np.ndarray:
    """The bytes as uint8 pixels (height, width, 3), zeros after the end."""
    raise NotImplementedError('to be written')

def from_pixels(pixels: np.ndarray, length: int) -> bytes:
    """The first `length` bytes of uint8 pixels (height, width, 3)."""
    raise NotImplementedError('to be written')
