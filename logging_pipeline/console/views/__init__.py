"""One module a page: a view reads the URL, asks the selectors, and hands the template what to draw."""
