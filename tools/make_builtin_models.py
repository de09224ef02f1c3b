"""Make the built-in models: ``python tools/make_builtin_models.py --out src/elision/models/builtin``."""

from builtin_models.command import main

if __name__ == "__main__":
    main()
