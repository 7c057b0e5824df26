"""What Proxx is made of: locks, licences, the bill of materials, known vulnerabilities (docs/SUPPLY_CHAIN.md)."""
