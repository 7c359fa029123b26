"""Present: a lesson in steps, in front of a room."""

from covidlab.ui.present.page import draw_present

draw_present()
