"""Reading, posting, receipts and what is done to messages."""
