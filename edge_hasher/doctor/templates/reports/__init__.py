"""What `edge-hasher check` prints: text, JSON, SARIF, JUnit and GitHub's workflow commands."""
