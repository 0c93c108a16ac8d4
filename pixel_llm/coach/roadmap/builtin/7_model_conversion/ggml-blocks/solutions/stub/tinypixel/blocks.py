"""GGML's Q4_0 and Q8_0 blocks as planes of codes and scales, bit for bit."""
import numpy as np
GROUP = 32

def q8_0_planes(data: bytes, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes int8 (rows, columns), scales float16 (rows, columns / 32)."""
    raise NotImplementedError('to be written')

def q8_0_blocks(codes: np.ndarray, scales: np.ndarray) -> bytes:
    """The blocks' bytes."""
    raise NotImplementedError('to be written')

def q4_0_planes(data: bytes, rows: int, columns: int) -> tuple[np.ndarray, np.ndarray]:
    """Codes uint8 (rows, columns / 2), scales float16 (rows, columns / 32)."""
    raise NotImplementedError('to be written')

def q4_0_blocks(codes: np.ndarray, scales: np.ndarray) -> bytes:
    """The blocks' bytes."""
    raise NotImplementedError('to be written')

def _planes(data: bytes, rows: int, columns: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    raise NotImplementedError('to be written')

def _blocks(codes: np.ndarray, scales: np.ndarray, kind: type, size: int) -> bytes:
    raise NotImplementedError('to be written')
