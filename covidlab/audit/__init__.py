"""What a model really learned: one module a part of an audit (``compute``), and beside it what people read of it (``*_text``)."""
