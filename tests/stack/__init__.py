"""Tests of the templates, the build and the example stack."""
