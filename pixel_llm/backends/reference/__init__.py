"""The reference backend: NumPy, float32, no tricks. It says what is right."""
