// Reads openapi.json and builds from it a page on which every route can be tried.
//
// Whatever is shown goes in as text, never as markup: the page's policy has the browser see to it.

// A proxy may serve the page below a path, such as /api/docs.
const base = new URL('.', location).href;
const token = document.getElementById('token');
const api = await description();

document.title = `${api.info.title} API`;
document.getElementById('title').replaceChildren(api.info.title, ' ', element('small', {}, api.info.version));
document.getElementById('summary').append(api.info.summary);
document.getElementById('about-token').append(...prose(api.components.securitySchemes.bearer.description));
document.getElementById('routes').append(...api.tags.map(section));

token.value = storage()?.getItem('token') ?? '';
document.addEventListener('input', refresh);
refresh();

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

/** Where a reload finds the token again, and another tab does not. Nothing if the browser blocks the data of sites. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}

/** Brings everything that depends on what was typed up to date. */
function refresh() {
  storage()?.setItem('token', token.value);
  document.getElementById('whose').textContent = whose(token.value.trim());
  document.querySelectorAll('form').forEach((form) => form.dispatchEvent(new Event('refresh')));
}

/** What a token says of itself; whether it is true, only a service that has the key can tell. */
function whose(jwt) {
  if (jwt === '') return 'No token: a route that wants one answers 401.';
  try {
    const { sub, role, exp } = JSON.parse(atob(jwt.split('.')[1].replaceAll('-', '+').replaceAll('_', '/')));
    const end = new Date(exp * 1000);
    return `${sub}, ${role}, ${end < new Date() ? 'expired at' : 'good until'} ${end.toLocaleTimeString()}`;
  } catch {
    return 'This is no JWT.';
  }
}

/** The routes that have a tag. */
function section({ name, description }) {
  const methods = ['get', 'post', 'put', 'patch', 'delete'];
  const routes = Object.entries(api.paths).flatMap(([path, item]) =>
    methods.filter((method) => item[method]?.tags.includes(name))
      .map((method) => route(method.toUpperCase(), path, item.parameters ?? [], item[method])));
  return element('section', {}, element('h2', {}, name), paragraph(description), ...routes);
}

/** One route: what it is, a form to try it, the command that does the same, and the answer. */
function route(method, path, common, operation) {
  const parameters = [...common, ...(operation.parameters ?? [])].map(resolve).map(asField);
  const media = resolve(operation.requestBody)?.content['application/json'];
  const text = media && JSON.stringify(example(media), null, 2);
  const body = media && element('textarea', { value: text, rows: text.split('\n').length, spellcheck: false });
  const wantsToken = operation.security.length > 0;

  const command = element('pre', { tabIndex: 0, role: 'group', ariaLabel: 'The command' });
  const copy = element('button', { type: 'button', hidden: !navigator.clipboard }, 'Copy');
  const answer = element('div', { className: 'answer', role: 'status' });
  const form = element('form', {},
    ...parameters.map(({ label }) => label),
    ...(body ? [element('label', {}, 'body', body)] : []),
    element('div', { className: 'command' }, element('h3', {}, 'With curl'), copy, command),
    element('button', {}, 'Try it'));

  const request = () => ({
    ...filledIn(method, path, parameters),
    token: wantsToken ? token.value.trim() : '',
    body: body?.value,
  });
  form.addEventListener('refresh', () => {
    command.textContent = curl(request());
    copy.textContent = 'Copy';
  });
  copy.addEventListener('click', async () => {
    const copied = navigator.clipboard.writeText(command.textContent);
    copy.textContent = await copied.then(() => 'Copied', () => 'Not allowed');
  });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    answer.replaceChildren(...await send(request()));
  });

  const access = wantsToken ? operation.security[0].bearer.join() || 'token' : 'open';
  return element('details', { id: operation.operationId },
    element('summary', {},
      element('b', { className: method }, method),
      element('code', {}, path),
      element('span', {}, operation.summary),
      element('small', {}, access)),
    ...(operation.description ? [paragraph(operation.description)] : []),
    ...(media ? [fields(resolve(media.schema))] : []),
    answers(operation.responses),
    form,
    answer);
}

/** The request that these parameters make of a route. */
function filledIn(method, path, parameters) {
  const given = (place) => parameters
    .filter(({ where, input }) => where === place && input.value)
    .map(({ name, input }) => [name, input.value]);
  // Half a surrogate pair cannot be encoded.
  const fill = (target, [name, value]) => target.replace(`{${name}}`, encodeURIComponent(value.toWellFormed()));
  const target = given('path').reduce(fill, base + path.slice(1));
  const query = new URLSearchParams(given('query'));
  return { method, url: query.size ? `${target}?${query}` : target, headers: given('header') };
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
  const rows = (schema, prefix) => Object.entries(schema.properties ?? {}).flatMap(([name, raw]) => {
    const field = resolve(raw);
    const needed = schema.required?.includes(name) ? 'required, ' : '';
    const about = element('dd', {}, needed, kind(field), ...prose(field.description ? `. ${field.description}` : ''));
    return [element('dt', {}, element('code', {}, prefix + name)), about, ...rows(field, `${prefix}${name}.`)];
  });
  return folded('Fields', rows(schema, ''));
}

/** The statuses that may come. */
function answers(responses) {
  return folded('Answers', Object.entries(responses).flatMap(([status, response]) =>
    [element('dt', {}, status), element('dd', {}, ...prose(resolve(response).description))]));
}

/** What values a schema takes, in words. */
function kind({ type = 'any', minimum, maximum, minLength, maxLength }) {
  const end = Number.isSafeInteger(Math.ceil(maximum)) ? ` to ${maximum}` : '';
  const range = minimum === undefined ? '' : ` from ${minimum}${end}`;
  const length = maxLength === undefined ? '' : ` of ${minLength} to ${maxLength} characters`;
  return [type].flat().join(' or ') + range + length;
}

function example({ schema, examples = {}, example }) {
  const [first] = Object.values(examples);
  return resolve(first)?.value ?? example ?? resolve(schema).examples[0];
}

/** Follows a reference; what stands beside it goes before. */
function resolve(value) {
  if (!value?.$ref) return value;
  const { $ref, ...beside } = value;
  const target = $ref.split('/').slice(1).reduce((node, name) => node[name], api);
  return { ...resolve(target), ...beside };
}

/** The command that sends a request. */
function curl({ method, url, token, headers, body }) {
  const implied = body === undefined ? 'GET' : 'POST';
  const options = [
    ...(token ? ['-H "Authorization: Bearer $TOKEN"'] : []),
    ...headers.map(([name, value]) => `-H ${quote(`${name}: ${value}`)}`),
    ...(body === undefined ? [] : [`--json ${quote(body)}`]),
  ];
  const start = `curl -i ${method === implied ? '' : `-X ${method} `}${quote(url)}`;
  return (token ? `TOKEN=${quote(token)}\n` : '') + [start, ...options].join(' \\\n  ');
}

/** A word as a POSIX shell reads it. */
function quote(word) {
  return /^[\w.:/-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** Sends a request; gives the answer as it is to be shown, or why there is none. */
async function send({ method, url, token, headers, body }) {
  try {
    const sent = new Headers();
    if (token) headers.push(['Authorization', `Bearer ${token}`]);
    if (body !== undefined) headers.push(['Content-Type', 'application/json']);
    headers.forEach(([name, value]) => sent.set(name, fit(name, value)));
    const answer = await fetch(url, { method, headers: sent, body });
    return shown(answer, await answer.text());
  } catch (error) {
    return [element('h3', { className: 'bad' }, 'No answer'), paragraph(`${error.message}.`)];
  }
}

/** The value of a header if it can be sent. A copied one may hold a zero-width space or curly quotes. */
function fit(name, value) {
  const [unfit] = value.match(/[^\t\x20-\x7e]/u) ?? [];
  if (!unfit) return value;
  const code = unfit.codePointAt().toString(16).toUpperCase().padStart(4, '0');
  throw new Error(`Nothing was sent: ${name} holds the character U+${code}, which this header cannot hold`);
}

/** An answer, and what it teaches. */
function shown(answer, text) {
  const taught = ['etag', 'link', 'location', 'retry-after', 'server-timing', 'traceparent', 'www-authenticate'];
  const lines = [...answer.headers].flatMap(([name, value]) =>
    [taught.includes(name) ? element('b', {}, `${name}: ${value}`) : `${name}: ${value}`, '\n']);
  const status = element('h3', { className: answer.ok ? 'good' : 'bad' }, `${answer.status} ${answer.statusText}`);
  const whole = element('pre', { tabIndex: 0, role: 'group', ariaLabel: 'The answer' }, ...lines, '\n', pretty(text));
  const note = keepToken(text) ? [paragraph('The token now stands above; the other services take it too.')] : [];
  return [status, ...note, whole];
}

/** Puts a token that was issued where the next request finds it. */
function keepToken(text) {
  const [, issued] = text.match(/"access_token":"([^"]+)"/) ?? [];
  if (issued) {
    token.value = issued;
    refresh();
  }
  return issued;
}

/** JSON with a line for each value; anything else as it came. */
function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function folded(title, rows) {
  return element('details', {}, element('summary', {}, title), element('dl', {}, ...rows));
}

function paragraph(text) {
  return element('p', {}, ...prose(text));
}

/** Text in which what stands between backticks is code. */
function prose(text) {
  return text.split('`').map((part, index) => (index % 2 ? element('code', {}, part) : part));
}

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}
