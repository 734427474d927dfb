// The token of the reader, and the way to the pages of the related services, which take it too.
//
// A link carries the token in its fragment, which no browser sends to a server. The page that it leads to takes the
// token out of the address at once.

import { element } from './element.js';

/** The folder of the page. A proxy may serve the page below a path, such as /api/docs. */
export const base = new URL('.', location).href;

const input = document.getElementById('token');
const brought = takeFromAddress();

/** Shows the links to the related services of a description, and the token that this tab or a link to the page has. */
export function begin(api) {
  const services = api['x-related'] ?? [];
  const own = services.find(({ name }) => name === api.info.title);
  const related = services.map((service) => ({ ...service, page: own && pageOf(own, service) }));
  if (related.some(({ name, page }) => page && name !== own.name)) {
    document.getElementById('services').append(...related.map((service) => link(service, service.name === own.name)));
  }
  // Otherwise any page could have its reader work as another user.
  const trusted = related.some(({ page }) => page && document.referrer.startsWith(`${new URL(page).origin}/`));
  keep((trusted && brought) || (storage()?.getItem('token') ?? ''));
}

/** The token as a header takes it. */
export function current() {
  return input.value.trim();
}

/** Puts a token where every request of the page finds it. */
export function keep(token) {
  input.value = token;
  refresh();
}

/** Brings everything that depends on the token up to date. */
export function refresh() {
  storage()?.setItem('token', input.value);
  document.getElementById('whose').textContent = whose(current());
}

function takeFromAddress() {
  const [, token] = location.hash.match(/^#token=(.*)/) ?? [];
  if (token !== undefined) history.replaceState(null, '', location.pathname + location.search);
  return token;
}

/**
 * The address of the page of a related service: the same address with the port of that service, or with its name as the
 * last folder. Any other address would be a guess, and a link carries the token.
 */
function pageOf(own, { name, url }) {
  const page = new URL('docs', base);
  if (page.port === new URL(own.url).port) page.port = new URL(url).port;
  else if (page.pathname.endsWith(`/${own.name}/docs`)) page.pathname = page.pathname.replace(/[^/]+\/docs$/, `${name}/docs`);
  else return undefined;
  return page.href;
}

function link({ name, description, page }, here) {
  const made = element('a', { href: page }, element('b', {}, name), ' ', element('small', {}, description));
  if (here) {
    made.ariaCurrent = 'page';
    return made;
  }
  // Only while it is followed: a link that is copied has no token.
  const follow = () => {
    if (current()) made.href = `${page}#token=${current()}`;
    setTimeout(() => { made.href = page; });
  };
  made.addEventListener('click', follow);
  made.addEventListener('auxclick', follow);
  return made;
}

/** Where a reload finds the token again, and another tab does not. Nothing if the browser blocks the data of sites. */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
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
