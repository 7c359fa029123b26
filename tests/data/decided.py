"""Decisions on the made-up X-rays of a set."""

from covidlab.data.decisions import Decision, Selection


def decision(catalog, file, action, new_class="", reason="because"):
    return Decision(action=action, new_class=new_class, reason=reason, sha256=catalog.row(file)["sha256"])


def decided(catalog, **actions):
    """Selection "s" of the films given by number, e.g. covid_0="exclude", normal_1="covid" (its new class)."""
    selection = Selection(name="s")
    for key, action in actions.items():
        kind, number = key.rsplit("_", 1)
        file = f"{kind}/film-{int(number):03d}.png"
        made = ("exclude", "") if action == "exclude" else ("relabel", action)
        selection = selection.decide(file, decision(catalog, file, *made))
    return selection
