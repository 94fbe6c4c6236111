"""The pages in place of the room: people, invites, activity, roster, account."""
