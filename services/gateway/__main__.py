"""``python -m services.gateway``."""

from services.gateway.serving import main

if __name__ == "__main__":
    main()
