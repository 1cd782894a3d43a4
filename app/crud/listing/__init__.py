"""Lists of recipes: filters, plans, pages, facets, the export and the sitemap."""
