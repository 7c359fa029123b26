
// The words of a part in the visitor's language: tr gives a message, trMany one of two, decimals a number with its marks.
let words = {}, language = "en";

const fill = (message, values) => message.replace(/\{(\w+)\}/g, (field, name) => values[name] ?? field);
const tr = (message, values = {}) => fill(words[message] ?? message, values);

// French counts 0 as one.
function trMany(number, one, many, values = {}) {
  const forms = words[one] ?? [one, many];
  const form = language === "fr" ? Number(number >= 2) : Number(number !== 1);
  return fill(forms[form], { number: wholeText(number), ...values });
}

const decimals = (value, digits) => value.toLocaleString(marks(), { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
const wholeText = (value) => value.toLocaleString(marks());
const marks = () => (/^[a-z]{2}$/.test(language) ? language : "en");

// What a template says in English, by the node it stands in, so that another language can take its place later.
const templates = new WeakMap();

function speak(data, parent) {
  words = data?.words_of_part ?? {};
  language = data?.language_of_part ?? "en";
  for (const root of parent.children) if (!templates.has(root)) templates.set(root, spoken(root));
  for (const root of parent.children) for (const { say, text } of templates.get(root)) say(words[text] ?? text);
}

function spoken(root) {
  const found = [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim().replace(/\s+/g, " ");
    const [before, after] = [node.data.match(/^\s*/)[0], node.data.match(/\s*$/)[0]];
    const kept = node;
    if (/[A-Za-z]{2}/.test(text)) found.push({ text, say: (said) => (kept.data = before + said + after) });
  }
  for (const element of [root, ...root.querySelectorAll("*")])
    for (const name of ["aria-label", "aria-roledescription", "title", "placeholder", "alt"]) {
      const text = element.getAttribute(name);
      if (/[A-Za-z]{2}/.test(text ?? "")) found.push({ text, say: (said) => element.setAttribute(name, said) });
    }
  return found;
}

export default function (component) {
  speak(component.data, component.parentElement);
  return drawPart(component);
}
