"""axe-core on a page: what it finds serious or critical (https://github.com/dequelabs/axe-core, its rules for WCAG 2.2 AA)."""

from importlib.resources import files

from playwright.sync_api import Page

CONTRAST = "color-contrast"
_AXE = files("axe_playwright_python") / "axe.min.js"
# Streamlit fades to the colours of another theme: a contrast between two of them is none that anybody reads.
_STILL = "() => document.getAnimations().every((one) => one.playState !== 'running' || one.effect.getTiming().iterations > 1)"
_FOUND = """async (rules) => {
    const only = rules ? { runOnly: { type: "rule", values: rules } } : {};
    const { violations } = await axe.run(document, { resultTypes: ["violations"], ...only });
    return violations
        .filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 200)} (${node.target})`));
}"""


def serious_problems(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """What a page has that is serious or critical, by rule and element; ``rules`` for these alone."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(_AXE.read_text(encoding="utf-8"))
    page.wait_for_function(_STILL, polling=50)
    return page.evaluate(_FOUND, rules)
