"""Lists of recipes: plans, relevance, facets, highlights, the export and the sitemap."""
