"""``python -m benchmarks``: the model, the pages, then the light page in a full hall."""

from benchmarks import model, pages, view

model.main()
print()
pages.main()
print()
view.main()
