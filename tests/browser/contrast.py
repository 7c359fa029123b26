"""How far text stands out from what lies behind it, as a browser draws both."""

from playwright.sync_api import Page, expect

# Colours are drawn over each other from the page to the element, as the eye sees them (WCAG 2.2, relative luminance).
CONTRAST = """element => {
    const parse = text => { const [r, g, b, a = 1] = text.match(/[\\d.]+/g).map(Number); return [r, g, b, a]; };
    const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
    const layers = [];
    element.scrollIntoView({ block: 'center' });
    const box = element.getBoundingClientRect(), x = (box.left + box.right) / 2, y = (box.top + box.bottom) / 2;
    for (let e = element; e; e = e.parentElement) {
        const { left, right, top, bottom } = e.getBoundingClientRect();
        // The number of a slider stands above the knob it belongs to.
        if (x >= left && x <= right && y >= top && y <= bottom) layers.unshift(parse(getComputedStyle(e).backgroundColor));
    }
    const ground = layers.reduce((below, top) => over(top, below), [255, 255, 255, 1]);
    const text = over(parse(getComputedStyle(element).color), ground);
    const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    const [low, high] = [light(text), light(ground)].sort((a, b) => a - b);
    return (high + 0.05) / (low + 0.05);
}"""


def contrasts(page: Page, selector: str) -> list[float]:
    """Contrast of every element that is seen."""
    found = page.locator(selector).filter(visible=True)
    expect(found.first).to_be_visible()
    return [element.evaluate(CONTRAST) for element in found.all()]
