"""Sign-in, registration, reset codes and the certificate's question."""
