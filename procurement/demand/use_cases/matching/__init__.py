"""Lines in words get their products: by memory, by the model, or by a person."""
