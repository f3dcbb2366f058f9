"""Compliance documents, catalogs and crosswalks as one knowledge graph with evidence."""

__version__ = "0.1.0"
