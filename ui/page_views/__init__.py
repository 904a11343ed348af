"""One module a page: ``VIEWS``, its figures in the order of the page. `ui.views` collects them."""
