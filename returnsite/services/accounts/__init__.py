"""People on the merchant’s side: sessions, passwords, invitations."""
