"""The lists of controls of one graph, and how they are asked of it."""

from kg.control_lists.asked import Asked
from kg.control_lists.lists import ControlLists, ControlSet, Counterpart, Described, Reading

__all__ = ["Asked", "ControlLists", "ControlSet", "Counterpart", "Described", "Reading"]
