
// The words of a part in the visitor's language: tr gives a message, trMany one of two, decimals a number with its marks.
// To be called while a part is drawn, not where its file is loaded: then the words are not known yet.
let words = {}, language = "en";

const fill = (message, values) => message.replace(/\{(\w+)\}/g, (field, name) => values[name] ?? field);
const tr = (message, values = {}) => fill(words[message] ?? message, values);

// French counts 0 as one.
function trMany(number, one, many, values = {}) {
  const forms = words[one] ?? [one, many];
  const form = language === "fr" ? Number(number >= 2) : Number(number !== 1);
  return fill(forms[form], { number: plainNumber(number, 0, true), ...values });
}

const decimals = (value, digits) => value.toLocaleString(marks(), { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
// As many decimals as the number has.
const plainNumber = (value, most = 8, useGrouping = false) => value.toLocaleString(marks(), { maximumFractionDigits: most, useGrouping });
const marks = () => (/^[a-z]{2}$/.test(language) ? language : "en");

// Of decimals and of thousands, as Plotly wants them.
const separators = () => [(1.5).toLocaleString(marks())[1], (1e5).toLocaleString(marks())[3]].join("");

// A name that begins with a capital letter, as it stands within a sentence; German keeps the capital letters of its nouns.
const withinSentence = (name) => (language === "de" ? name : name.toLowerCase());

// The HTML of a part before anything was put into it, by the place where it stands.
const templates = new WeakMap();

// In another language a part begins afresh from its HTML: all that it has drawn was said in the language before.
function speak(data, parent) {
  words = data?.words_of_part ?? {};
  language = data?.language_of_part ?? "en";
  const template = templates.get(parent);
  if (template?.language === language) return;
  const roots = [...parent.children].filter((element) => !element.matches("style, script"));
  const kept = template?.kept ?? roots.map((root) => root.cloneNode(true));
  templates.set(parent, { language, kept });
  if (template) roots.forEach((root, place) => kept[place] ? root.replaceWith(kept[place].cloneNode(true)) : root.remove());
  for (const root of parent.children) if (!root.matches("style, script")) say(root);
}

// Puts the words of the language in place of the English of a template.
function say(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const text = node.data.trim().replace(/\s+/g, " ");
    const [before, after] = [node.data.match(/^\s*/)[0], node.data.match(/\s*$/)[0]];
    if (words[text]) node.data = before + words[text] + after;
  }
  for (const element of [root, ...root.querySelectorAll("*")])
    for (const name of ["aria-label", "aria-roledescription", "title", "placeholder", "alt"]) {
      const said = words[element.getAttribute(name)];
      if (said) element.setAttribute(name, said);
    }
}

export default function (component) {
  speak(component.data, component.parentElement);
  return drawPart(component);
}
