"""Figure builders: plain data in, a finished ``go.Figure`` out.

Nothing here draws, caches or knows the server.
"""
