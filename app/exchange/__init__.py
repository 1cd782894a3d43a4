"""Recipes in and out, without a database: from the files of other applications, and back to files.

Reading: `reading` finds the format of a file, a module of `formats` turns it into drafts, and
`items` checks each draft and turns it into a document (`documents`).

    formats/     one module per application, and the table of all formats
    files/       ZIP archives, JSON and CSV, opened safely
    html/        web pages
    schema_org/  schema.org/Recipe, read and written
    text/        plain text, times, numbers, headings; a pasted recipe
    fetch        the only module that makes outbound requests

Writing: `writing/exporters` has one class per format of an export.
"""
