"""The map of models in a browser: tiles over HTTP, the page, and a static copy of both (`docs/atlas.md`)."""
