// Plain floats have no scales.
