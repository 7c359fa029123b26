"""Every way from page to page keeps or drops the address on purpose; the model in use is each visitor's own."""

import re
import shutil
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

from covidlab.paths import DEFAULT_MODEL
from covidlab.phantom.dataset import make_phantoms
from covidlab.phantom.film import PhantomConfig
from covidlab.runs.names import readable_name
from covidlab.runs.store import Run

pytestmark = [pytest.mark.browser, pytest.mark.curated]

VERSION_1 = Path(__file__).resolve().parents[1] / "formats" / "version1"
RUN, OTHER_RUN = "0001-0a5e", "0002-2f8f"
MODEL, OTHER_MODEL = (readable_name(Run(VERSION_1 / "home" / "runs" / run)) for run in (RUN, OTHER_RUN))
DEFAULT = readable_name(Run(DEFAULT_MODEL))
PAGES = ("Home", "Browse", "Train", "Runs", "Predict", "Curate", "About")

# What goes along on every way; what comes back to Train; what stays on the page it was chosen on.
PHANTOMS = {"data_set": "phantoms"}
LESSON = {"train_preset": "original", "train_epochs": "26"}
HEADINGS = {"Home": "What can fifty chest X-rays teach a neural network?", "Present": "These are the X-rays"}
SHOWN = {
    "Home": {},
    "Browse": {"browse_class": "covid"},
    "Train": {"run": RUN, **LESSON},
    "Runs": {"run": RUN, "runs_source": "Validation films"},
    "Predict": {"predict_model": OTHER_MODEL},
    "Curate": {"curate_tab": "Add films"},
    "About": {},
}


# A moved slider is in the address before the server knows of it.
@pytest.fixture(scope="module")
def ways(make_dashboard, tmp_path_factory):
    """A dashboard with two data sets, one of them phantoms, and runs that version 0.1.0 has left."""
    films = tmp_path_factory.mktemp("ways") / "films"
    shutil.copytree(VERSION_1 / "films", films)
    dashboard = make_dashboard(films, trains=False)
    shutil.copytree(VERSION_1 / "home" / "runs", dashboard.home / "runs", dirs_exist_ok=True)
    make_phantoms(dashboard.home / "phantoms", PhantomConfig(num_films=4, size=128))
    return dashboard


def query_of(page: Page) -> dict[str, str]:
    """What the address says, a name a value."""
    return {name: values[-1] for name, values in parse_qs(urlsplit(page.url).query).items()}


def expect_way(dashboard, page: Page, name: str, query: dict[str, str]) -> None:
    """The page of this name is drawn, without an exception, and exactly this is in its address."""
    path = "/" if name == "Home" else f"/{name}"
    expect(page).to_have_url(re.compile(rf"localhost:\d+{path}(\?|$)"))
    expect(page.get_by_role("heading", level=1)).to_have_text(HEADINGS.get(name, name))
    dashboard.settle(page)
    expect(page.get_by_test_id("stException")).to_have_count(0)
    # The address is written a moment after the page is drawn.
    dashboard.wait_until(lambda: page.wait_for_timeout(50) or query_of(page) == query, f"the address says {query}")
    expect(page.locator(".st-key-data_set input")).to_have_value(query.get("data_set", "films"))


def follow(page: Page, label: str, *, within: str = "stMain") -> None:
    """Click a link."""
    page.get_by_test_id(within).get_by_role("link", name=label, exact=True).click()


def use_this_model(page: Page) -> None:
    """Press the button that puts the model of the run shown to use."""
    page.get_by_role("button", name="Use this model").filter(visible=True).click()


# From each to the next, and from Train, where sliders stand in the address, to Home, whose address has no path.
SIDEBAR_WAYS = [*zip(PAGES, (*PAGES[1:], PAGES[0]), strict=True), ("Train", "Home")]


@pytest.mark.parametrize(("name", "target"), SIDEBAR_WAYS)
def test_sidebar_carries_the_data_set_and_leaves_what_the_page_shows(ways, page, name, target):
    ways.visit(page, "" if name == "Home" else name, **PHANTOMS, **SHOWN[name])
    follow(page, target, within="stSidebar")
    expect_way(ways, page, target, PHANTOMS)


def test_settings_of_a_run_are_on_train_again_after_a_look_at_another_page(ways, page):
    answers = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: answers.append(len(frame))))
    ways.visit(page, "Train", **PHANTOMS, **LESSON)
    known = len(answers)
    page.get_by_role("slider", name="Epochs").press("ArrowRight")
    expect(page).to_have_url(re.compile("train_epochs=27"))
    # The address changes at once; what the server answers shows that it has taken the number.
    ways.wait_until(lambda: page.wait_for_timeout(50) or len(answers) > known, "the server answers")
    ways.settle(page)
    follow(page, "Browse", within="stSidebar")
    expect_way(ways, page, "Browse", PHANTOMS)
    follow(page, "Train", within="stSidebar")
    expect_way(ways, page, "Train", {**PHANTOMS, "train_preset": "original", "train_epochs": "27"})
    expect(page.get_by_role("slider", name="Epochs")).to_have_value("27")


@pytest.mark.parametrize(
    ("door", "target", "query"),
    [
        ("Read an X-ray", "Predict", {}),
        ("Explore training", "Train", {}),
        ("Present", "Present", {}),
    ],
)
def test_doors_of_home_carry_the_data_set(ways, page, door, target, query):
    ways.visit(page, "", **PHANTOMS)
    follow(page, door)
    expect_way(ways, page, target, {**PHANTOMS, **query})


def test_keys_lead_through_the_lesson_begin_it_again_and_end_it(ways, page):
    ways.visit(page, "Present", **PHANTOMS)
    expect(page.get_by_test_id("stSidebar")).to_be_hidden()
    for key, step in (("ArrowRight", "2"), ("PageDown", "3"), (" ", "4"), ("PageUp", "3")):
        page.keyboard.press(key)
        expect(page).to_have_url(re.compile(f"step={step}"))
        ways.settle(page)
    page.keyboard.press("Home")
    expect(page).not_to_have_url(re.compile("step="))
    expect_way(ways, page, "Present", PHANTOMS)
    page.keyboard.press("Escape")
    expect_way(ways, page, "Home", PHANTOMS)


@pytest.mark.parametrize(("name", "data_set"), [("Train", PHANTOMS), ("Runs", {})])
def test_use_this_model_opens_predict_with_it_whatever_is_in_the_address(ways, page, name, data_set):
    ways.visit(page, name, **data_set, **SHOWN[name])
    use_this_model(page)
    expect_way(ways, page, "Predict", {**data_set, "predict_model": MODEL})
    expect(page.locator(".st-key-status")).to_contain_text("run 1")


def test_links_between_a_run_and_its_model_carry_the_data_set(ways, page):
    ways.visit(page, "Predict", **PHANTOMS, predict_model=MODEL)
    follow(page, "How run 1 was trained")
    expect_way(ways, page, "Runs", {**PHANTOMS, "run": RUN})


def test_film_is_read_with_the_model_in_the_data_set_it_is_of(ways, page):
    ways.visit(page, "Browse", **PHANTOMS)
    page.locator(".film-card").first.click()
    expect(page).to_have_url(re.compile("film="))
    film = query_of(page)["film"]
    ways.settle(page)
    follow(page, "Read this X-ray with the model")
    expect_way(ways, page, "Predict", {**PHANTOMS, "film": film})


def test_runs_without_a_run_leads_to_train_in_the_data_set(make_dashboard, ways, page):
    empty = make_dashboard(ways.home / "phantoms", trains=False)
    shutil.copytree(ways.home / "phantoms", empty.home / "datasets" / "mine")
    empty.visit(page, "Runs", data_set="mine")
    follow(page, "Train a model")
    expect(page.locator(".st-key-data_set input")).to_have_value("mine")
    assert query_of(page) == {"data_set": "mine"}


def test_model_one_visitor_chooses_is_not_another_ones(ways, chromium, page, new_page):
    ways.visit(page, "Runs", run=RUN)
    use_this_model(page)
    expect(page.locator(".st-key-status")).to_contain_text("run 1")
    stranger = chromium.new_context()
    try:
        other = ways.visit(stranger.new_page(), "Predict")
        expect(other.locator(".st-key-status")).to_contain_text("the default model")
        expect(other.locator(".st-key-predict_model input")).to_have_value(DEFAULT)
        ways.visit(other, "Runs", run=OTHER_RUN)
        use_this_model(other)
        expect(other.locator(".st-key-status")).to_contain_text("run 2")
    finally:
        stranger.close()
    follow(page, "Home", within="stSidebar")
    expect_way(ways, page, "Home", {})
    expect(page.locator(".st-key-status")).to_contain_text("run 1")


def test_model_chosen_on_predict_is_in_use_on_every_page_and_survives_a_reload(ways, page):
    ways.visit(page, "Predict", predict_model=OTHER_MODEL)
    expect(page.locator(".st-key-status")).to_contain_text("run 2")
    page.reload()
    ways.settle(page)
    expect(page.locator(".st-key-predict_model input")).to_have_value(OTHER_MODEL)
    follow(page, "Runs", within="stSidebar")
    # The status of Predict says the same, so only the page itself shows that Runs has come.
    expect_way(ways, page, "Runs", {})
    expect(page.locator(".st-key-status")).to_contain_text("run 2")
    follow(page, "Predict", within="stSidebar")
    expect_way(ways, page, "Predict", {"predict_model": OTHER_MODEL})


def test_default_model_taken_again_is_in_use_though_another_stood_in_the_address(ways, page):
    ways.visit(page, "Predict", predict_model=OTHER_MODEL)
    follow(page, "Runs", within="stSidebar")
    expect_way(ways, page, "Runs", {})
    follow(page, "Predict", within="stSidebar")
    page.locator(".st-key-predict_model input").click()
    page.get_by_role("option", name=DEFAULT).click()
    expect(page.locator(".st-key-status")).to_contain_text("the default model")
    ways.settle(page)
    follow(page, "Home", within="stSidebar")
    expect_way(ways, page, "Home", {})
    follow(page, "Predict", within="stSidebar")
    expect_way(ways, page, "Predict", {})
    expect(page.locator(".st-key-predict_model input")).to_have_value(DEFAULT)
