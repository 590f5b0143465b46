"""The formats that other programs read: SARIF for code scanning, JUnit for test reports."""
