"""What the windows say of states, moments and messages, in the person's language."""
