"""The Real-time editor: a molecule that relaxes while somebody pulls at it."""
