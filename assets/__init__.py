"""What the programs carry with them: icons and translations, as files."""
