"""The built-in models, ordinary folders of the transformers library; `tools/make_builtin_models.py` makes them."""
