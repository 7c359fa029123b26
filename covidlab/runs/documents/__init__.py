"""The papers about a model and its X-rays: a model card, two reporting checklists, a datasheet; as Markdown and as PDF."""
