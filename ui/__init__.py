"""Everything that draws or serves. ``ui`` may import ``efficiency``, never the other way round."""
