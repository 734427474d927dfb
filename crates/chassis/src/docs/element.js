// Elements of the page. Whatever is shown goes in as text, never as markup: the page's policy has the browser see to it.

export function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

export function paragraph(text) {
  return element('p', {}, ...prose(text));
}

/** A list of terms under a title that folds it. */
export function folded(title, rows, open = false) {
  return element('details', { open }, element('summary', {}, title), element('dl', {}, ...rows));
}

/** Text in which what stands between backticks is code. */
export function prose(text) {
  return text.split('`').map((part, index) => (index % 2 ? element('code', {}, part) : part));
}

/** A box of code that a keyboard can scroll. */
export function box(ariaLabel, className, ...children) {
  return element('pre', { className, ariaLabel, tabIndex: 0, role: 'group' }, ...children);
}

/** JSON with a line for each value and a colour for each kind of value; other text as it came. */
export function json(text) {
  let pretty;
  try {
    pretty = JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return [text];
  }
  // The strings are at the odd places.
  return pretty.split(/("(?:[^"\\]|\\.)*")/).map((part, index, parts) => {
    if (index % 2 === 0) return part;
    return element('span', { className: parts[index + 1].startsWith(':') ? 'key' : 'string' }, part);
  });
}
