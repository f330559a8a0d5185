"""What is proven on a real cluster: specs here and in ``chaos``, primitives and the verdict in ``support``."""
