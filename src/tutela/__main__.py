"""``python -m tutela``."""

from tutela.cli.main import main

if __name__ == "__main__":
    main()
