// Reads openapi.json and builds from it a page on which every route can be tried.

import { answered } from './answer.js';
import { box, element, folded, json, paragraph, prose } from './element.js';
import { curl, filledIn } from './request.js';
import { base, begin, current, refresh } from './session.js';

/** In the order in which a thing is created, read, changed and deleted. */
const METHODS = ['post', 'get', 'put', 'patch', 'delete'];
/** The tag of the routes that every service has. They stay folded: a reader seldom needs them. */
const COMMON = 'service';

const api = await description();

document.title = `${api.info.title} API`;
document.getElementById('title').replaceChildren(api.info.title, ' ', element('small', {}, api.info.version));
document.getElementById('summary').append(api.info.summary);
document.getElementById('about-token').append(...prose(api.components.securitySchemes.bearer.description));
document.getElementById('routes').append(...api.tags.map(section));

begin(api);
document.addEventListener('input', refreshAll);
refreshAll();
addEventListener('hashchange', unfoldNamed);
unfoldNamed();

/** Loads the description of the service. Without it there is no page, so an error stands in its place. */
async function description() {
  try {
    const answer = await fetch(`${base}openapi.json`);
    if (!answer.ok) throw new Error(`openapi.json is answered by ${answer.status} ${answer.statusText}`);
    return await answer.json();
  } catch (error) {
    document.getElementById('routes').replaceChildren(paragraph(`${error.message}. Reload this page to try again.`));
    throw error;
  }
}

/** Brings everything that depends on what was typed up to date. */
function refreshAll() {
  refresh();
  document.querySelectorAll('form').forEach((form) => form.dispatchEvent(new Event('refresh')));
}

/** Opens the route that the address names, such as `#listThings`. */
function unfoldNamed() {
  const named = document.getElementById(location.hash.slice(1));
  if (named?.tagName !== 'DETAILS') return;
  named.open = true;
  named.parentElement.open = true;
  named.scrollIntoView();
}

/** The routes that have a tag. */
function section({ name, description }) {
  const routes = Object.entries(api.paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]?.tags.includes(name))
      .map((method) => route(method.toUpperCase(), path, item.parameters ?? [], item[method])));
  const title = element('h2', {}, name);
  if (name !== COMMON) return element('section', {}, title, paragraph(description), ...routes);
  return element('details', { className: 'common' },
    element('summary', {}, title, element('small', {}, `${routes.length} routes`)), paragraph(description), ...routes);
}

/** One route: what it is, a form to try it, the command that does the same, and the answer. */
function route(method, path, common, operation) {
  const parameters = [...common, ...(operation.parameters ?? [])].map(resolve).map(asField);
  const inPlace = (wanted) => parameters.filter(({ where }) => (where === 'header') === wanted).map(({ label }) => label);
  const media = resolve(operation.requestBody)?.content['application/json'];
  const text = media && JSON.stringify(inOrder(example(media), resolve(media.schema)), null, 2);
  const body = media && element('textarea', { value: text, rows: text.split('\n').length, spellcheck: false });
  const wantsToken = operation.security.length > 0;
  const headers = inPlace(true);

  const form = element('form', {},
    ...inPlace(false),
    ...(body ? [element('label', {}, 'body', body)] : []),
    ...(headers.length ? [element('details', { className: 'optional' }, element('summary', {}, 'Headers'), ...headers)] : []),
    element('button', { title: 'Ctrl+Enter' }, 'Try it'));
  const request = () => ({
    ...filledIn(method, path, parameters),
    token: wantsToken ? current() : '',
    body: body?.value,
  });
  const answer = element('div', { className: 'answer', role: 'status' });
  const schemaOf = ({ status }) => resolve(resolve(operation.responses[status])?.content?.['application/json']?.schema);
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.replaceChildren(...await answered(api.info.title, request(), schemaOf));
    refreshAll();
    if (answer.getBoundingClientRect().top > innerHeight - 96) answer.scrollIntoView();
  });
  // In a text field Enter alone sends.
  body?.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  const beside = [
    ...(body ? [fields(resolve(media.schema))] : []),
    command(form, request),
    answers(operation.responses),
  ];
  const access = wantsToken ? operation.security[0].bearer.join() || 'token' : 'open';
  const whole = element('details', { id: operation.operationId, className: 'route' },
    element('summary', {},
      element('b', { className: method }, method),
      element('code', {}, path),
      element('span', {}, operation.summary),
      element('small', {}, access)),
    ...(operation.description ? [paragraph(operation.description)] : []),
    element('div', { className: 'columns' }, form, answer, element('div', {}, ...beside)));
  whole.addEventListener('toggle', () => {
    if (whole.open) history.replaceState(null, '', `#${whole.id}`);
  });
  return whole;
}

/** The command that sends the request of a form, with a button to copy it. */
function command(form, request) {
  const shown = box('The command', '');
  const copy = element('button', { type: 'button', hidden: !navigator.clipboard }, 'Copy');
  form.addEventListener('refresh', () => {
    shown.textContent = curl(request());
    copy.textContent = 'Copy';
  });
  copy.addEventListener('click', async () => {
    const copied = navigator.clipboard.writeText(shown.textContent);
    copy.textContent = await copied.then(() => 'Copied', () => 'Not allowed');
  });
  return element('div', { className: 'command' }, element('h3', {}, 'With curl'), copy, shown);
}

/** A parameter, and where its value is typed. */
function asField({ name, in: where, description, required = false, example: value, schema }) {
  const input = element('input', { name, required, autocomplete: 'off', spellcheck: false });
  if (required) input.value = value;
  else input.placeholder = value;
  const hint = element('small', {}, ...prose(`${description} (${kind(resolve(schema))})`));
  const label = element('label', {}, name, input, hint);
  return { name, where, input, label };
}

/** The fields of a body. */
function fields(schema) {
  const rows = (schema, prefix) => members(schema.properties ?? {}, schema).flatMap(([name, raw]) => {
    const field = resolve(raw);
    const needed = schema.required?.includes(name) ? 'required, ' : '';
    const { description = '' } = field;
    const joint = description && (/^[a-z]/.test(description) ? ', ' : '. ');
    const about = element('dd', {}, needed, kind(field), joint, ...prose(description));
    return [element('dt', {}, element('code', {}, prefix + name)), about, ...rows(field, `${prefix}${name}.`)];
  });
  return folded('Fields', rows(schema, ''), true);
}

/** The statuses that may come, a success with an example of its body. */
function answers(responses) {
  return folded('Answers', Object.entries(responses).flatMap(([status, reference]) => {
    const { description, content = {} } = resolve(reference);
    const media = content['application/json'];
    const value = media && inOrder(example(media), resolve(media.schema));
    const body = value ? [box(`Example of ${status}`, '', ...json(JSON.stringify(value)))] : [];
    return [element('dt', {}, status), element('dd', {}, ...prose(description), ...body)];
  }));
}

/** What values a schema takes, in words. The description of a password has its whole rule. */
function kind({ type = 'any', format, minimum, maximum, minLength, maxLength }) {
  if (format === 'password') return type;
  const end = Number.isSafeInteger(Math.ceil(maximum)) ? ` to ${maximum}` : '';
  const range = minimum === undefined ? '' : ` from ${minimum}${end}`;
  const length = maxLength === undefined ? '' : ` of ${minLength} to ${maxLength} characters`;
  return [type].flat().join(' or ') + range + length;
}

function example({ schema, examples = {}, example }) {
  const [first] = Object.values(examples);
  return resolve(first)?.value ?? example ?? resolve(schema).examples?.[0];
}

/** The members of an object: the required ones first, in the order in which the schema requires them. */
function members(object, { required = [] }) {
  const place = (name) => (required.includes(name) ? required.indexOf(name) : required.length);
  return Object.entries(object).sort(([one], [other]) => place(one) - place(other));
}

/** An example with its members in that order. */
function inOrder(value, schema = {}) {
  if (value?.constructor !== Object) return value;
  return Object.fromEntries(members(value, schema).map(([name, member]) =>
    [name, inOrder(member, resolve(schema.properties?.[name]))]));
}

/** Follows a reference; what stands beside it goes before. */
function resolve(value) {
  if (!value?.$ref) return value;
  const { $ref, ...beside } = value;
  const target = $ref.split('/').slice(1).reduce((node, name) => node[name], api);
  return { ...resolve(target), ...beside };
}
