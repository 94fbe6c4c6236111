"""Whether what is stored is sound; nothing here changes it."""
