"""Knowledge as data; every entry carries its source, edition and date."""
