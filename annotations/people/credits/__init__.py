"""Credits: under which name whoever agreed to be named is thanked, and what stands on a certificate of theirs."""
