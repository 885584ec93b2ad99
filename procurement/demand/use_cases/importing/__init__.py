"""How a foreign file becomes requests: rows read, checked, told apart, and written in bulk."""
