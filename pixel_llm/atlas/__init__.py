"""The atlas of a model: where every weight lies on a plane, and a pyramid of statistics over it (`docs/atlas.md`)."""
