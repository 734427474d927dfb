// Draws the numbers of an answer against the ranges that the service accepts for them. A schema names the table of these
// ranges as `x-ranges`: the path of an array of `{field, unit, minimum, maximum}`, or `{field, components}`.

import { element } from './element.js';
import { base } from './session.js';

/** The picture of an object whose schema has a table of ranges; nothing if it has none, or the table does not come. */
export async function ranges(schema, text) {
  const path = schema?.['x-ranges'];
  if (!path) return [];
  try {
    const answer = await fetch(base + path.slice(1));
    const table = await answer.json();
    const rows = table.flatMap((row) => drawn(row, JSON.parse(text), ''));
    const title = element('h4', {}, 'Within the accepted ranges');
    return [element('section', { className: 'ranges' }, title, element('ul', { role: 'list' }, ...rows))];
  } catch {
    return [];
  }
}

/** A row of the table, or the rows of its components. */
function drawn({ field, unit, minimum, maximum, components }, object, prefix) {
  const value = object?.[field];
  if (components) return components.flatMap((component) => drawn(component, value, `${field} `));
  const recorded = typeof value === 'number';
  const line = element('span', { className: 'line', ariaHidden: true });
  if (recorded) {
    const mark = line.appendChild(element('i', {}));
    mark.style.left = `${(100 * (value - minimum)) / (maximum - minimum)}%`;
  }
  return [element('li', { className: recorded ? '' : 'absent' },
    element('span', {}, (prefix + field).replaceAll('_', ' ')),
    ' ',
    element('b', {}, recorded ? `${value} ${unit}` : 'not recorded'),
    line,
    element('small', {}, element('span', { className: 'spoken' }, ', accepted from '), `${minimum}`),
    element('small', {}, element('span', { className: 'spoken' }, ' to '), `${maximum} ${unit}`))];
}
