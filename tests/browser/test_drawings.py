"""The small drawings of Train in a page of their own: what stands above one ends where it ends."""

import pytest

from covidlab.language import speaking, tr
from covidlab.ui.shared.components import HERE

pytestmark = pytest.mark.browser

DRAWN = """([code, width, text]) => {
    document.body.innerHTML = `<div style="width: ${width}px"><svg style="width: ${width}px; font: 12px sans-serif"></svg></div>`;
    const Frame = new Function(`${code}; return Frame;`)(), svg = document.querySelector("svg");
    const frame = new Frame(svg, { height: 80 });
    frame.heading(text);
    frame.show();
    const heading = svg.querySelector("text");
    return [heading.textContent, svg.getBoundingClientRect().right - heading.getBoundingClientRect().right];
}"""


@pytest.mark.parametrize("width", [220, 340])
@pytest.mark.parametrize("language", ["en", "de", "es", "fr"])
def test_heading_of_a_drawing_ends_within_it(new_page, language, width):
    code = (HERE / "preview_library.js").read_text(encoding="utf-8")
    page = new_page()
    with speaking(language):
        for text in (
            tr("accuracy on X-rays that were not trained on"),
            tr("accuracy over all splits, median of the repeats"),
            tr("loss of each step, and smoothed"),
        ):
            written, room = page.evaluate(DRAWN, [code, width, text])
            assert written == text
            assert room >= -0.5, text


def test_heading_that_fits_is_not_stretched(new_page):
    code = (HERE / "preview_library.js").read_text(encoding="utf-8")
    assert new_page().evaluate(DRAWN, [code, 600, "loss"])[1] > 500
