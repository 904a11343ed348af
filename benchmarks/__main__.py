"""``python -m benchmarks``: the model, then the pages."""

from benchmarks import model, pages

model.main()
print()
pages.main()
