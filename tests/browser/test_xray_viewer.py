"""The X-ray viewer in a page of its own, without a server: pictures side by side, by mouse, touch and keys alone."""

import cv2
import numpy as np
import pytest
from playwright.sync_api import Page, expect

from covidlab.imaging.encode import jpeg
from covidlab.prediction.overlay import overlay_png
from covidlab.ui.shared.components import HERE
from covidlab.ui.shared.components.xray_viewer import Pane, Viewer

pytestmark = pytest.mark.browser

SHELL = """<!DOCTYPE html><html lang="en"><title>X-rays</title><style>
body { --st-background-color: #fff; --st-secondary-background-color: #f1f5f6; --st-text-color: #1d2b30; --st-primary-color: #0f6b80;
  font-family: sans-serif; margin: 16px; color: var(--st-text-color); background: var(--st-background-color); }
@media (prefers-color-scheme: dark) { body { --st-background-color: #11181c; --st-secondary-background-color: #1b262b;
  --st-text-color: #e6edef; --st-primary-color: #257f99; color-scheme: dark; } }
</style><style>%s</style><body><main>%s</main><div style="height: 2000px"></div></body></html>"""
LOAD = """async ([script, data]) => {
    const address = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
    globalThis.draw = (await import(address)).default;
    globalThis.data = data;
    globalThis.draw({ data, parentElement: document.querySelector("main") });
}"""
DRAW_AGAIN = """change => {
    document.querySelector("main").innerHTML = document.querySelector("main").innerHTML;
    document.querySelector(".xray-panes").replaceChildren();
    globalThis.draw({ data: { ...globalThis.data, ...change }, parentElement: document.querySelector("main") });
}"""
DRAW_ANOTHER = """change => {
    const place = document.createElement("section");
    place.append(document.querySelector(".xray-viewer").cloneNode(true));
    place.querySelector(".xray-panes").replaceChildren();
    document.querySelector("main").append(place);
    globalThis.draw({ data: { ...globalThis.data, ...change }, parentElement: place });
}"""
# Mean red of the middle of each canvas, as it is seen.
SEEN = """() => [...document.querySelectorAll("canvas")].map(canvas => {
    const side = Math.floor(canvas.height / 8);
    const pixels = canvas.getContext("2d").getImageData((canvas.width - side) / 2, (canvas.height - side) / 2, side, side).data;
    let sum = 0;
    for (let place = 0; place < pixels.length; place += 4) sum += pixels[place];
    return sum / (pixels.length / 4);
})"""


def picture(width: int, height: int, *, grey: int) -> bytes:
    """A grey ground with a bright disc of a sixth of the width in its middle."""
    pixels = np.full((height, width, 3), grey // 2, np.uint8)
    return jpeg(cv2.circle(pixels, (width // 2, height // 2), width // 6, (grey,) * 3, -1), quality=90)


def panes() -> list[Pane]:
    """An X-ray with a heat map, and a narrower one without."""
    overlay = overlay_png(np.eye(7, dtype=np.float32), (56, 56))
    first = Pane(
        picture(768, 768, grey=200), "This X-ray", "Class not stated", overlay, "Where it looked", alt="Uploaded X-ray"
    )
    return [first, Pane(picture(614, 768, grey=120), "Nearest of the set", "Distance 0.31")]


@pytest.fixture(scope="module")
def content() -> dict:
    return Viewer(key="one").data(panes())


@pytest.fixture
def show(new_page, content):
    """Return a function that opens a page with the viewer, both X-rays drawn."""

    def open_viewer(**options) -> Page:
        page = new_page(**options)
        html, css, *scripts = (
            (HERE / name).read_text()
            for name in ("xray_viewer.html", "xray_viewer.css", "xray_viewer.js", "xray_pane.js", "words_library.js")
        )
        page.set_content(SHELL % (css, html))
        page.evaluate(LOAD, ["".join(scripts).replace("export default function (", "function drawPart(", 1), content])
        expect(page.locator(".xray-pane[data-ready]")).to_have_count(2)
        expect(page.locator(".xray-state")).to_contain_text("Window")
        return page

    return open_viewer


def state(page: Page, number: int = 0) -> dict:
    """What the viewer says it shows, once it has drawn the last change."""
    page.evaluate("() => new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    shown = page.locator(".xray-viewer").nth(number).evaluate("viewer => ({ ...viewer.dataset })")
    return {name: value if value in ("true", "false") else float(value) for name, value in shown.items()}


def press(page: Page, *keys: str) -> dict:
    for key in keys:
        page.keyboard.press(key)
    return state(page)


def middle(page: Page, number: int = 0) -> tuple[float, float]:
    box = page.locator("canvas").nth(number).bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def test_xray_viewer_answers_to_the_keyboard_alone(show):
    page = show()
    names = []
    for _ in range(12):
        page.keyboard.press("Tab")
        names.append(page.evaluate("() => document.activeElement.ariaLabel ?? document.activeElement.innerText ?? ''"))
    assert names[:3] == ["Zoom out", "Zoom in", "Reset"]
    assert names[-3:] == ["Help: keys and gestures", "Uploaded X-ray", "Nearest of the set"]
    assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert (press(page, "2")["window"], press(page, "Alt+ArrowRight")["window"]) == (150, 160)
    assert press(page, "Alt+ArrowUp")["level"] == 95
    assert press(page, "+", "+")["zoom"] == pytest.approx(1.5625)
    assert press(page, "ArrowRight", "ArrowDown") | {"x": 0, "y": 0} != press(page, "m", "]", "]", "i") | {
        "x": 0,
        "y": 0,
    }
    assert (state(page)["x"], state(page)["opacity"], state(page)["inverted"]) == (pytest.approx(0.564), 70, "true")
    expect(page.get_by_role("status")).to_have_text(
        "Window 160 · level 95 · zoom 156 % · inverted · map shown, opacity 70 %"
    )
    assert press(page, "r") == {
        "window": 255,
        "level": 128,
        "inverted": "false",
        "zoom": 1,
        "x": 0.5,
        "y": 0.5,
        "overlay": "true",
        "opacity": 50,
    }


def test_xray_viewer_names_every_control_and_each_x_ray(show):
    page = show()
    for name in ("Zoom out", "Zoom in", "Reset", "Invert", "Map", "Help: keys and gestures"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    for name in ("Window", "Level", "Map opacity"):
        expect(page.get_by_role("slider", name=name, exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Grey values")).to_be_visible()
    expect(
        page.get_by_role("group", name="This X-ray", exact=True).get_by_role("img", name="Uploaded X-ray")
    ).to_be_visible()
    expect(page.get_by_role("img", name="Nearest of the set")).to_be_visible()
    expect(page.get_by_text("relative to this X-ray")).to_have_count(1)
    page.get_by_role("button", name="Help: keys and gestures").click()
    expect(page.get_by_text("The wheel zooms after a click on the X-ray")).to_be_visible()


def test_xray_viewer_zooms_all_x_rays_about_the_pointer_once_it_has_the_focus(show):
    page = show()
    x, y = middle(page, 1)
    page.mouse.move(x, y)
    page.mouse.wheel(0, 100)
    page.wait_for_function("() => scrollY > 0")
    page.evaluate("() => scrollTo(0, 0)")
    assert state(page)["zoom"] == 1
    page.locator("canvas").nth(1).focus()
    press(page, "m")
    before = page.evaluate(SEEN)
    page.mouse.wheel(0, -800)
    page.wait_for_function("() => Number(document.querySelector('.xray-viewer').dataset.zoom) > 5")
    assert page.evaluate("() => scrollY") == 0
    assert page.evaluate(SEEN) == pytest.approx(before, abs=2)
    for button in ("right", "middle"):
        page.mouse.move(x, y)
        page.mouse.down(button=button)
        page.mouse.move(x - 450, y)
        page.mouse.up(button=button)
    assert state(page)["x"] > 0.6
    # Both show the ground beside the disc: they moved together.
    assert page.evaluate(SEEN) == pytest.approx([100, 60], abs=5)


def test_xray_viewer_drag_sets_window_and_level_of_all(show):
    page = show()
    before = page.evaluate(SEEN)
    x, y = middle(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x - 100, y + 40, steps=4)
    page.mouse.up()
    assert (state(page)["window"], state(page)["level"]) == (155, 88)
    assert page.evaluate(SEEN)[1] == pytest.approx(255 * ((before[1] - 88) / 155 + 0.5), abs=3)
    expect(page.get_by_role("combobox", name="Grey values")).to_have_value("")


def test_xray_viewer_keeps_its_state_when_drawn_again(show):
    page = show()
    page.locator("canvas").first.focus()
    kept = press(page, "4", "i", "+", "m")
    page.evaluate(DRAW_AGAIN, {})
    expect(page.locator(".xray-pane[data-ready]")).to_have_count(2)
    assert state(page) == kept
    page.evaluate(DRAW_AGAIN, {"subject": "another X-ray"})
    expect(page.locator(".xray-pane[data-ready]")).to_have_count(2)
    afresh = state(page)
    assert (afresh["window"], afresh["zoom"], afresh["overlay"]) == (255, 1, "false")
    page.evaluate(DRAW_AGAIN, {"key": "another", "state": "another"})
    expect(page.locator(".xray-pane[data-ready]")).to_have_count(2)
    assert state(page)["overlay"] == "true"


def test_xray_viewers_with_one_state_follow_each_other_but_not_in_their_overlay(show):
    page = show()
    page.evaluate(DRAW_ANOTHER, {"key": "map"})
    first, second = (page.locator(".xray-viewer").nth(number) for number in (0, 1))
    expect(second.locator(".xray-pane[data-ready]")).to_have_count(2)
    first.locator("canvas").first.focus()
    press(page, "5", "+", "m")
    shown, followed = state(page), state(page, 1)
    assert (shown["window"], shown["overlay"], followed["overlay"]) == (400, "false", "true")
    assert followed == {**shown, "overlay": "true"}
    expect(second.locator(".xray-state")).to_contain_text("Window 400")
    second.get_by_role("button", name="Reset").click()
    assert (state(page)["window"], state(page)["zoom"]) == (255, 1)


@pytest.fixture
def fingers():
    """Return a function that puts fingers on a page, each through its places (x, y), and lifts them."""

    def use(page: Page, *paths: list[tuple[float, float]]) -> None:
        touch = page.context.new_cdp_session(page)
        touch.send("Emulation.setTouchEmulationEnabled", {"enabled": True, "maxTouchPoints": 2})

        def put(kind: str, step: int, num_fingers: int = len(paths)) -> None:
            points = [{"x": path[step][0], "y": path[step][1], "id": at} for at, path in enumerate(paths[:num_fingers])]
            touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

        for num_fingers in range(1, len(paths) + 1):
            put("touchStart", 0, num_fingers)
        for step in range(1, len(paths[0])):
            put("touchMove", step)
        put("touchEnd", 0, 0)
        page.wait_for_timeout(50)

    return use


def test_xray_viewer_lets_one_finger_scroll_the_page_until_a_tap(show, fingers):
    page = show(width=390)
    x, y = middle(page)
    fingers(page, [(x, y), (x, y - 60), (x, y - 120), (x, y - 160)])
    page.wait_for_function("() => scrollY > 60")
    fingers(page, [(x, y), (x + 30, y), (x + 60, y)])
    assert state(page)["window"] == 255
    page.evaluate("() => scrollTo(0, 0)")
    done = page.get_by_role("button", name="Done")
    expect(done).to_be_hidden()
    fingers(page, [(x, y)])
    expect(done).to_be_visible()
    fingers(page, [(x, y), (x + 30, y - 10), (x + 50, y - 20)])
    assert (state(page)["window"], state(page)["level"], page.evaluate("() => scrollY")) == (305, 148, 0)
    done.click()
    expect(done).to_be_hidden()
    fingers(page, [(x, y), (x + 30, y), (x + 60, y)])
    assert state(page)["window"] == 305


def test_xray_viewer_that_is_active_ends_by_a_tap_beside_it(show, fingers):
    page = show()
    fingers(page, [middle(page)])
    expect(page.get_by_role("status")).to_contain_text("One finger: window across")
    page.mouse.click(640, 890)
    expect(page.get_by_role("button", name="Done")).to_be_hidden()
    expect(page.get_by_role("status")).to_have_text("One finger scrolls the page again.")


def test_xray_viewer_takes_two_fingers_on_a_tablet(show, fingers):
    page = show()
    x, y = middle(page)
    fingers(page, [(x - 40, y), (x - 60, y), (x - 80, y)], [(x + 40, y), (x + 60, y), (x + 80, y)])
    assert (state(page)["zoom"], state(page)["window"]) == (pytest.approx(2, abs=0.05), 255)
    # Down together they move the X-ray and not the page, also where they lie on two X-rays.
    (a, _), (b, _) = middle(page), middle(page, 1)
    fingers(page, [(a, y), (a, y - 30), (a, y - 60)], [(b, y), (b, y - 30), (b, y - 60)])
    assert (state(page)["y"], page.evaluate("() => scrollY")) == (pytest.approx(0.554, abs=0.01), 0)
    heights = page.locator(".xray-tools :is(button, select, label)").evaluate_all(
        "all => all.map(one => one.clientHeight + 2)"
    )
    assert min(heights) >= 44


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (390, "dark")])
def test_xray_viewer_fits_its_width(show, width, theme):
    page = show(width=width, theme=theme)
    assert page.evaluate("() => document.documentElement.scrollWidth") == width
    tops = [page.locator("canvas").nth(number).bounding_box()["y"] for number in range(2)]
    assert tops[0] == tops[1]
    assert page.locator("canvas").first.evaluate("canvas => getComputedStyle(canvas).touchAction") == "pan-y"
    assert page.locator(".xray-viewer").evaluate("viewer => getComputedStyle(viewer).touchAction") == "auto"
