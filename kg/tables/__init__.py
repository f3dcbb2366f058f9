"""A graph as tables: CSV and Parquet for each class and question, and a workbook."""

from __future__ import annotations

from kg.tables.folder import FORMS, write, write_folder

__all__ = ["FORMS", "write", "write_folder"]
